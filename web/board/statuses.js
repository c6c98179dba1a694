// The lanes of the board: the statuses of an order, in the sequence a shop works through them.
// `name` is the value in the table and the id of its symbol in index.html; `next` is the step that
// the desk offers, `isOpen` whether the order can still be cancelled. `lateMs` is how long after it
// was placed an order should have left the lane: amber from the first, red from the second.

const MINUTE_MS = 60_000;
const minutes = (amber, red) => ({amber: amber * MINUTE_MS, red: red * MINUTE_MS});

export const STATUSES = [
  {name: 'created', next: 'paid', isOpen: true, lateMs: minutes(3, 6)},
  {name: 'paid', next: 'packed', isOpen: true, lateMs: minutes(6, 12)},
  {name: 'packed', next: 'shipped', isOpen: true, lateMs: minutes(10, 20)},
  {name: 'shipped', next: 'delivered', isOpen: true, lateMs: minutes(20, 40)},
  {name: 'delivered', next: null, isOpen: false, lateMs: null},
  {name: 'cancelled', next: null, isOpen: false, lateMs: null},
];

// For a status that is not in the list: rows are hostile input, and the unknown text never chooses
// a lane or a symbol.
export const OTHER = {
  name: 'other',
  next: null,
  isOpen: false,
  lateMs: null
};

export const LANES = [...STATUSES, OTHER];

const byName = new Map(STATUSES.map((status) => [status.name, status]));

export function laneOf(statusText) { return byName.get(statusText) ?? OTHER; }

// 'calm', 'amber' or 'red': how an order of that age stands in that lane.
export function urgency(lane, ageMs) {
  if (!lane.lateMs || !(ageMs >= lane.lateMs.amber)) return 'calm';
  return ageMs >= lane.lateMs.red ? 'red' : 'amber';
}
