// The order desk of the server: moves one order to another status, if it is still the order that
// the user has seen. docs/protocol.md#order-desk

// How long an answer may take: longer than the server takes to say itself that it has none. The
// desk waits 5 s for its turn, and 10 s for its database.
const ANSWER_MS = 20_000;

// Answers with what became of it, and never throws:
//   {kind: 'done', row}               the row as it is now
//   {kind: 'conflict', row}           somebody changed it meanwhile; nothing was written
//   {kind: 'refused', detail}         the shop's rules or rights do not allow it, in the server's words
//   {kind: 'unsaved', detail}         nothing was written, or as the server says; detail may be ''
//   {kind: 'unknown'}                 it may have been written or not
export async function move(order, status) {
  let isSent = false;
  try {
    const url = `v1/orders/${encodeURIComponent(Object.values(JSON.parse(order.id))[0])}`;
    const seen = await ask(url, {cache: 'no-store'});
    if (!seen.ok) return await refusal(seen, isSent);
    const {row} = await seen.json();
    if (!order.incomplete && !isSame(row, order.row)) return {kind: 'conflict', row};
    isSent = true;
    const answer = await ask(url, {
      method: 'PATCH',
      headers: {'Content-Type': 'application/json', 'If-Match': seen.headers.get('ETag')},
      body: JSON.stringify({status}),
    });
    if (answer.status === 412) return {kind: 'conflict', row: (await answer.json()).row};
    return answer.ok ? {kind: 'done', row: (await answer.json()).row} :
                       await refusal(answer, isSent);
  } catch {
    return isSent ? {kind: 'unknown'} : {kind: 'unsaved', detail: ''};
  }
}

function ask(url, options) {
  return fetch(url, {...options, signal: AbortSignal.timeout(ANSWER_MS)});
}

// Whether what the user has seen of an order is what it says now.
export function isSame(row, seen) {
  return Object.keys(seen).every((column) => JSON.stringify(row[column]) === JSON.stringify(seen[column]));
}

// Whether the desk itself says that it has written nothing. A proxy that lost it cannot know.
function isUnwritten(status, code) {
  return status === 503 && code !== undefined && code !== 'outcome_unknown';
}

async function refusal(answer, isSent) {
  const problem = await answer.json().catch(() => ({}));
  if (isSent && answer.status >= 500 && !isUnwritten(answer.status, problem.code))
    return {kind: 'unknown'};
  const detail = [problem.detail ?? `HTTP ${answer.status}`, problem.hint].filter(Boolean).join(' ');
  return {kind: answer.status < 500 ? 'refused' : 'unsaved', detail};
}
