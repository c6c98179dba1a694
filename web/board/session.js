// Signing in and out: the server turns an access token into a cookie that the stream's requests
// carry, and that no script can read. All tabs of the browser have that one cookie.

const SESSION = 'v1/session';
// The user waits for the answer, so not for ever.
const ANSWER_MS = 15_000;

export class Session {
  #others = new BroadcastChannel('ordercast.board.session');

  // `onChange` is called when another tab has signed in or out.
  constructor(onChange) { this.#others.onmessage = onChange; }

  // Answers whether the server took the token; rejects when it cannot be reached, or does not
  // answer.
  async signIn(token) {
    const bearer = token.trim();
    if (!/^[\x21-\x7e]+$/.test(bearer)) return false;
    return this.#ask('POST', {Authorization: `Bearer ${bearer}`});
  }

  // Answers whether the session is over, in all tabs; false when the server did not say so.
  signOut() { return this.#ask('DELETE', {}).catch(() => false); }

  async #ask(method, headers) {
    const {ok} = await fetch(SESSION, {method, headers, signal: AbortSignal.timeout(ANSWER_MS)});
    if (ok) this.#others.postMessage(method);
    return ok;
  }
}
