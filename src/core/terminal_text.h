// Text of somebody else's, made harmless for a terminal: what a terminal would obey instead of
// showing it, or what would show the text otherwise than it is written, is shown as an escape.
// Pure functions.
//
// Escaped are the controls C0, DEL and C1 (ECMA-48: U+0000 to U+001F, U+007F to U+009F), the line
// and paragraph separators, the marks that reorder text (Unicode UAX #9: U+202E and its kin), and
// every byte that is no part of valid UTF-8 (a bare 0x9B is a control to an 8-bit terminal).
#pragma once

#include <string>
#include <string_view>

namespace ordercast {

// "\x1b" for a control or a stray byte, "\u{202e}" for the others. Line breaks are escaped, too.
[[nodiscard]] std::string terminal_text(std::string_view text);

// The same for a whole JSON document: the escapes are JSON's ("\u009b"), so that its values stay
// what they are. `json` must be valid, so that such characters are in its strings only.
[[nodiscard]] std::string terminal_json(std::string_view json);

}  // namespace ordercast
