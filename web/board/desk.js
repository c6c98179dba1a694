// The order desk of the server: moves one order to another status, if it is still the order that
// the user has seen. docs/protocol.md#order-desk

// Answers with what became of it, and never throws:
//   {kind: 'done', row}               the row as it is now
//   {kind: 'conflict', row}           somebody changed it meanwhile; nothing was written
//   {kind: 'refused', detail}         the shop's rules or rights do not allow it, in the server's words
//   {kind: 'unsaved', detail}         nothing was written, or nobody knows; detail may be ''
export async function move(order, status) {
  try {
    const url = `v1/orders/${encodeURIComponent(Object.values(JSON.parse(order.id))[0])}`;
    const seen = await fetch(url, {cache: 'no-store'});
    if (!seen.ok) return await refusal(seen);
    const {row} = await seen.json();
    if (!order.incomplete && !isSame(row, order.row)) return {kind: 'conflict', row};
    const answer = await fetch(url, {
      method: 'PATCH',
      headers: {'Content-Type': 'application/json', 'If-Match': seen.headers.get('ETag')},
      body: JSON.stringify({status}),
    });
    if (answer.status === 412) return {kind: 'conflict', row: (await answer.json()).row};
    return answer.ok ? {kind: 'done', row: (await answer.json()).row} : await refusal(answer);
  } catch {
    return {kind: 'unsaved', detail: ''};
  }
}

// What the user has seen of it is what it says now.
function isSame(row, seen) {
  return Object.keys(seen).every((column) => JSON.stringify(row[column]) === JSON.stringify(seen[column]));
}

async function refusal(answer) {
  const problem = await answer.json().catch(() => ({}));
  const detail = [problem.detail ?? `HTTP ${answer.status}`, problem.hint].filter(Boolean).join(' ');
  return {kind: answer.status < 500 ? 'refused' : 'unsaved', detail};
}
