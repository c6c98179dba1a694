// The few DOM steps that every view shares. Text goes in as text only: nothing here parses markup.

// Writing the same text again would cost layout, and a screen reader its place.
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function setIcon(use, name) {
  const href = `#icon-${name}`;
  if (use.getAttribute('href') !== href) use.setAttribute('href', href);
}

// A copy of a template's one element, and its parts by their data-part names.
export function instantiate(template) {
  const element = template.content.firstElementChild.cloneNode(true);
  const parts = {};
  for (const part of element.querySelectorAll('[data-part]')) parts[part.dataset.part] = part;
  return {element, parts, use: element.querySelector('use')};
}

// Copies a text, and shows it in `shown`. The clipboard is for secure pages only; elsewhere the
// text is selected there, to be copied by hand.
export async function copyText(text, shown) {
  setText(shown, text);
  shown.hidden = false;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    getSelection().selectAllChildren(shown);
  }
}
