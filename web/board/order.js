// One order as the board knows it. A value: it is never altered, only replaced, so "same order"
// means "same text on screen".

import {parseMicros} from './format.js';
import {laneOf} from './statuses.js';

// `id` is the text of the row's key. `changedAtMs` is when the change came, or null for a row of a
// snapshot: that one did not change while somebody was looking. `incomplete`: the row was too large
// for the stream, its values are those that were known before. `wish` is what the desk was asked to
// make of it and the database has not confirmed yet: {status, atMs}, or null.
export function newOrder(id, row, {changedAtMs = null, incomplete = false, wish = null} = {}) {
  const createdMicros = microsOr(row.created_at, 0);
  const updatedMicros = microsOr(row.updated_at, createdMicros);
  const status = wish?.status ?? row.status;
  return Object.freeze({
    id,
    row,
    status,
    lane: laneOf(status),
    createdMs: createdMicros / 1000,
    // An order that is moved by hand goes to the head of its new lane at once, where the stream
    // will put it.
    updatedMicros: wish ? Math.max(updatedMicros, wish.atMs * 1000) : updatedMicros,
    changedAtMs,
    incomplete,
    wish,
  });
}

// Ways to sort a lane, by their names in the address. Both orders are total.
export const SORTS = {
  newest: (a, b) => b.updatedMicros - a.updatedMicros || compareNumerals(b.id, a.id),
  waiting: (a, b) => a.createdMs - b.createdMs || compareNumerals(a.id, b.id),
};

function microsOr(text, otherwise) {
  const micros = parseMicros(text);
  return Number.isNaN(micros) ? otherwise : micros;
}

// Orders the decimal numerals of equally shaped keys by value, digits beyond a double's included:
// the longer is the greater, equally long ones compare as text.
function compareNumerals(a, b) {
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
