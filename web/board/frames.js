// The frames of an event stream as they come over the wire, comments and heartbeats included: what
// an EventSource keeps to itself. For looking at only; the board itself lives on ordercast.js.

// Longer frames are cut for the screen.
const MAX_CHARS = 4000;

// Yields {text, event, id} of each frame until the stream ends or `signal` aborts it; throws what
// fetch does. `lastId` is where to resume, or ''.
export async function* readFrames(url, lastId, signal) {
  const headers = {Accept: 'text/event-stream', ...(lastId && {'Last-Event-ID': lastId})};
  const response = await fetch(url, {headers, signal, cache: 'no-store'});
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  let rest = '';
  for await (const chunk of chunksOf(response.body.pipeThrough(new TextDecoderStream()))) {
    const frames = (rest + chunk).split('\n\n');
    rest = frames.pop();
    for (const text of frames) yield frameOf(text);
  }
}

// Not every browser's streams can be iterated yet.
async function* chunksOf(stream) {
  const reader = stream.getReader();
  for (;;) {
    const {done, value} = await reader.read();
    if (done) return;
    yield value;
  }
}

function frameOf(text) {
  const field = (name) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(text)?.[1] ?? '';
  return {
    text: text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}\u2026` : text,
    event: field('event'),
    id: field('id'),
    retry: field('retry'),
  };
}
