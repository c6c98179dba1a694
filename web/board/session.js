// Signing in: the server turns an access token into a cookie that the stream's requests carry, and
// that no script can read.

// Answers whether the server took the token; rejects when it cannot be reached.
export async function signIn(token) {
  const bearer = token.trim();
  if (!/^[\x21-\x7e]+$/.test(bearer)) return false;
  const answer =
      await fetch('v1/session', {method: 'POST', headers: {Authorization: `Bearer ${bearer}`}});
  return answer.ok;
}
