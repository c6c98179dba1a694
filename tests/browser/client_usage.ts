// Never run: compiled, to prove the types of web/ordercast.js.
import {Collection, Feed, keyText, type Change, type Status} from '../../web/ordercast.js';

interface Order {
  id: string;
  status: string;
  total: string;
}

const orders = new Collection<Order>('/v1/streams/orders?status=eq.paid', {
  onInsert: ({row}) => row.total.padStart(10),
  onUpdate: ({row, before, changed}) => before?.status === row.status && changed?.status,
  onDelete: (change: Change<Order>) => change.row.id,
  onReset: (rows, reset) => rows.size + (reset?.reason.length ?? 0),
  onMessage: ({event, data}) => `${event} ${data}`,
  onStatus: describe,
}, {share: 'ann', messages: ['note'], renew: async () => (await fetch('/renew')).ok});

function describe(status: Status): string {
  switch (status.phase) {
    case 'catching-up':
      return `${status.count} so far`;
    case 'reconnecting':
      return status.problem ?? `in ${(status.retryAtMs ?? Date.now()) - Date.now()} ms`;
    case 'stale':
      return `as of ${new Date(status.sinceMs)}`;
    case 'closed':
      return status.problem ?? 'over';
    default:
      return status.phase;
  }
}

const order: Order|undefined = orders.rows.get(keyText({id: '42'}));
const unsubscribe: () => void = orders.subscribe(() => describe(orders.status));
const feed = new Feed(new URL('https://shop.example/v1/streams/orders'), {
  onEvent: ({event, cursor, key}) => `${event} ${cursor} ${key?.id} ${order?.total}`,
  onReset: ({reason}) => reason,
});
unsubscribe();
feed.close();

// @ts-expect-error: rows are read only
orders.rows.set('1', order!);
// @ts-expect-error: there is no such phase
const wrong: boolean = orders.status.phase === 'open';
// @ts-expect-error: a feed is not shared
new Feed('/v1/streams/orders', {}, {share: true});
