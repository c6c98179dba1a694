// The statuses of an order in the sequence a shop works through them. `name` is the value in the
// table and the id of its symbol in index.html; a status that is not in this list is shown as it
// is, with the symbol of OTHER.

export const STATUSES = [
  {name: 'created', label: 'Created'},
  {name: 'paid', label: 'Paid'},
  {name: 'packed', label: 'Packed'},
  {name: 'shipped', label: 'Shipped'},
  {name: 'delivered', label: 'Delivered'},
  {name: 'cancelled', label: 'Cancelled'},
];

export const OTHER = {
  name: 'other',
  label: 'Other'
};

const byName = new Map(STATUSES.map((status) => [status.name, status]));

// The group that counts and filters put an order's status in.
export function groupOf(statusText) { return byName.has(statusText) ? statusText : OTHER.name; }

// What to show for a status: rows are hostile input, so an unknown text never chooses the symbol.
export function presentation(statusText) {
  return byName.get(statusText) ?? {name: OTHER.name, label: statusText || 'No status'};
}
