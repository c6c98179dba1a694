// The types of ordercast.js. docs/client.md tells how to use it.
//
// Two classes, for two kinds of page:
//
//   Collection  the rows of a stream, complete and up to date: a snapshot, then every change. All
//               tabs of a browser share one connection, and the rows it has brought.
//   Feed        the events of a stream as they come, each once: resumes over reloads. A feed has a
//               position of its own, and so a connection of its own.
//
// Both reconnect for ever, and resume behind the last event that they had: after a drop, after any
// HTTP status (a native EventSource gives up for ever on one 502), after sleep, and when a
// connection died without a word. Callbacks are called in the order of commits, never inside the
// constructor, and never after close(). One that throws is reported as an uncaught error and stops
// nothing.

/** The columns of a row's key: bigint and numeric are strings, `{"id": "42"}`. */
export type Key = Record<string, string | number | boolean>;

/** A row as the stream sends it, by column. */
export type AnyRow = Record<string, unknown>;

/** One change of a row. */
export interface Change<Row = AnyRow> {
  /** The identity of the row as text: what `Collection.rows` is keyed by. `keyText(key)`. */
  id: string;
  key: Key;
  /**
   * The row now; in onDelete as it was last. Never altered afterwards: a later change brings
   * another object.
   */
  row: Row;
  /** The row as this collection had it before; undefined in onInsert. */
  before?: Row;
  /**
   * The row was too large for the stream: `row` has its key and, of the other columns, what was
   * known before.
   */
  incomplete: boolean;
  /** Of an update: column to [old, new]. */
  changed?: Record<string, [unknown, unknown]>;
  /**
   * What happened in the database. The callback says what happened in this view: an update that
   * takes a row out of the filter comes to onDelete, with op 'update'.
   */
  op: 'insert' | 'update' | 'delete';
  /** When it was changed by the database's clock, RFC 3339 with microseconds. */
  at: string;
  /** Its number in the change log. */
  seq: number;
}

/** An event that an application put into the stream with ordercast.publish(). */
export interface Message {
  /** Its name, one of `Options.messages`. */
  event: string;
  data: unknown;
  at: string;
  seq: number;
}

/** Why a stream could not go on from where it was; docs/protocol.md lists the reasons. */
export interface Reset {
  reason: string;
  /** For a person. */
  message: string;
}

/**
 * The state of the connection. It tells of changes only, except `count` and `retryAtMs`: those are
 * told anew as they change. Times are Date.now() milliseconds.
 */
export type Status =
    /** Asking for the first time, for this person. */
    | {phase: 'connecting'}
    /** Rows of the snapshot, or changes that were missed, are coming in: `count` so far. */
    | {phase: 'catching-up', count: number}
    /** Everything that is committed arrives at once. */
    | {phase: 'live'}
    /**
     * The connection is lost. It is tried again at `retryAtMs`; null is when the browser itself or
     * a request that is on its way decides. `offline`: the browser says that it has no network.
     * `problem`: what the last answer was, for a person ("HTTP 502"), or null.
     */
    | {phase: 'reconnecting', retryAtMs: number | null, offline: boolean, problem: string | null}
    /** The server answers, but it has lost its database: the rows are those of `sinceMs`. */
    | {phase: 'stale', sinceMs: number}
    /**
     * The server wants a sign-in (401, 403, an expired token) and `renew` did not help. Sign in,
     * then call reconnect(). A collection has no rows any more, which onReset has told: whoever
     * signs in may be another person. The same, followed by 'connecting' at once, when the server
     * says that another one has signed in meanwhile.
     */
    | {phase: 'signed-out'}
    /**
     * It is over: close() was called (`problem` is null), an `until` was reached (null), or the
     * request can never be answered (204, or 400 as for a malformed filter: the server's words).
     */
    | {phase: 'closed', problem: string | null};

export interface Options {
  /**
   * Called when the server says that nobody is signed in (any more): sign in anew, as with POST
   * /v1/session, and answer with true; then the stream is resumed. Anything else, or an exception,
   * is the status 'signed-out'; so is a second time within 10 s. Of several tabs one is asked, the
   * next one when that does not help or has not answered in 30 s.
   */
  renew?: () => boolean | Promise<boolean>;
  /** Names of the application's own events to listen to; default none. */
  messages?: string[];
  /** Sends cookies to another origin; default false. That origin must allow this one by name. */
  withCredentials?: boolean;
}

export interface CollectionOptions extends Options {
  /**
   * Whether all tabs of this browser share one connection; default true. With a text tabs share
   * with tabs of the same text only.
   */
  share?: boolean | string;
}

/** All callbacks are optional. At the time of a call `rows` has the change already. */
export interface CollectionListener<Row = AnyRow> {
  onInsert?(change: Change<Row>): void;
  onUpdate?(change: Change<Row>): void;
  onDelete?(change: Change<Row>): void;
  /**
   * All rows were replaced at one stroke: the first snapshot is whole, or a later one is.
   * `reset` says why, when the server did (history lost, TRUNCATE); else it is null. The rows of
   * before stay in place until the new ones are complete; but whoever is signed out has none, at
   * once.
   */
  onReset?(rows: ReadonlyMap<string, Row>, reset: Reset | null): void;
  onMessage?(message: Message): void;
  onStatus?(status: Status): void;
}

/** The rows of a stream, kept up to date. It opens at once. */
export class Collection<Row = AnyRow> {
  /**
   * `url` is that of a stream, relative to the page or absolute, with any filter or `select` of
   * docs/protocol.md: `'/v1/streams/orders?status=in.(paid,packed)'`. `snapshot=true` is added.
   */
  constructor(
      url: string | URL, listener?: CollectionListener<Row>, options?: CollectionOptions);

  /**
   * The rows by the text of their key, in the order of the snapshot, then of arrival; an update
   * keeps the place. One object for the life of the collection, read it as you like.
   */
  readonly rows: ReadonlyMap<string, Row>;
  /** Those of `rows` of which columns are missing: see `Change.incomplete`. */
  readonly incomplete: ReadonlySet<string>;
  /** Whether a whole snapshot has ever arrived: before that `rows` is empty, not the table. */
  readonly loaded: boolean;
  readonly status: Status;
  /** Another number after each change of `rows`, `loaded` or `status`: for caches and React. */
  readonly version: number;

  /** `listener` is called after each such change; answers with what ends that. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Tries now: after a sign-in, or when a person presses a button. Resumes; nothing is lost. */
  readonly reconnect: () => void;
  /** The rows stay as they are. The connection is closed with the last tab that shares it. */
  readonly close: () => void;
}

/** An event of a feed: its data as docs/protocol.md has it, with its name and position. */
export interface FeedEvent {
  /** 'insert', 'update', 'delete', or one of `Options.messages`. */
  event: string;
  /** The position right behind this event. */
  cursor: string;
  /** As in `Message.data`, of an application's own event; rows have none. */
  data?: unknown;
  op: 'insert' | 'update' | 'delete' | 'message';
  key?: Key;
  row?: AnyRow | null;
  changed?: Record<string, [unknown, unknown]>;
  at: string;
  seq: number;
}

export interface FeedListener {
  /**
   * The event counts as taken when this returns or throws. When the page dies in between, the event
   * comes again after the reload: once or twice, never not at all.
   */
  onEvent?(event: FeedEvent): void;
  /** Events before this one may be missing: what was built on them has to be loaded anew. */
  onReset?(reset: Reset): void;
  onStatus?(status: Status): void;
}

/**
 * The events of a stream. It opens at once: behind the last event of this tab and URL when there
 * was one (kept in sessionStorage, so over reloads and a restored session), else with what comes
 * from now on, or where a `last_event_id`, `since` or `snapshot=true` in the URL says. Two feeds of
 * one tab and URL would share a position: make it one.
 */
export class Feed {
  constructor(url: string | URL, listener?: FeedListener, options?: Options);
  readonly status: Status;
  /** Behind the last event that was taken; '' as long as nothing was heard. */
  readonly cursor: string;
  readonly reconnect: () => void;
  readonly close: () => void;
}

/** The text by which `Collection.rows` knows a key. */
export function keyText(key: Key): string;
