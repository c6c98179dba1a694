// Waits for what the test has no event for.

// Well over what a busy machine takes.
const WAIT_MS = 60_000;
const LOOK_MS = 20;

// Until `holds` answers with something true; that is the answer. `describe` says what is there
// instead.
export async function eventually(holds, describe = holds) {
  for (const endMs = Date.now() + WAIT_MS; Date.now() < endMs;) {
    const answer = await holds();
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw new Error(`waited in vain; there is ${JSON.stringify(await describe())}`);
}
