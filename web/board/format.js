// Text for people out of the values of a row. Pure: the locale and the present time are passed in.
// Rows are any text an application wrote, so every function takes anything and answers with a
// string.

const DASH = '\u2014';
const DECIMAL = /^(-?)\d+(?:\.(\d+))?$/;
// ECMA-402 before 2023 refuses more fraction digits; a longer amount is shown as the database wrote
// it.
const MAX_FRACTION_DIGITS = 20;
// What fits a cell; a hostile order of 100,000 items must not cost more than an honest one.
const MAX_ITEMS = 8;
// Currency codes come from rows: the cache must not grow with them.
const MAX_CACHED_FORMATS = 64;

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

// A PostgreSQL timestamp ("2026-11-23T17:00:00.123456+00:00") as microseconds since 1970, an
// integer that a double holds exactly until the year 2255; NaN when it is none. Date.parse alone
// would drop the last three digits.
export function parseMicros(text) {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return NaN;
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  return Math.floor(ms / SECOND_MS) * 1e6 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

// A value as one line of text; objects as JSON, nothing as a dash.
export function plain(value) {
  if (value === null || value === undefined || value === '') return DASH;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

// "2 \u00d7 Espresso, Croissant" of [{sku, name, qty, price}]; "+3" is how many are left out.
export function itemsSummary(items) {
  if (!Array.isArray(items)) return plain(items);
  if (items.length === 0) return DASH;
  const shown = items.slice(0, MAX_ITEMS).map((item) => {
    const name = plain(item?.name ?? item?.sku ?? item);
    const quantity = plain(item?.qty ?? 1);
    return quantity === '1' ? name : `${quantity} \u00d7 ${name}`;
  });
  if (items.length > MAX_ITEMS) shown.push(`+${items.length - MAX_ITEMS}`);
  return shown.join(', ');
}

export class Format {
  #locale;
  #money = new Map();
  #count;
  #rate;
  #units = new Map();
  #clock;
  #second;
  #full;

  constructor(locale) {
    this.#locale = locale;
    this.#count = new Intl.NumberFormat(locale);
    this.#rate = new Intl.NumberFormat(locale, {maximumSignificantDigits: 2});
    for (const unit of ['millisecond', 'second', 'minute', 'hour', 'day']) {
      const options = {style: 'unit', unit, unitDisplay: 'narrow'};
      this.#units.set(unit, new Intl.NumberFormat(locale, options));
    }
    // Without AM and PM alone, midnight is 24:00 in English.
    const clock = {hour: '2-digit', minute: '2-digit', hourCycle: 'h23'};
    this.#clock = new Intl.DateTimeFormat(locale, clock);
    this.#second = new Intl.DateTimeFormat(locale, {...clock, second: '2-digit'});
    this.#full = new Intl.DateTimeFormat(locale, {dateStyle: 'medium', timeStyle: 'medium'});
  }

  count(number) { return this.#count.format(number); }

  // Two digits, or all before the decimal point.
  rate(number) {
    return number >= 10 ? this.#count.format(Math.round(number)) : this.#rate.format(number);
  }

  // "8ms", "1.2s".
  latency(ms) {
    if (!Number.isFinite(ms)) return DASH;
    if (ms < SECOND_MS) return this.#units.get('millisecond').format(Math.round(ms));
    return this.#units.get('second').format(Math.round(ms / 100) / 10);
  }

  // The amount of a decimal *string*, every digit of it: Intl formats such strings without passing
  // through a double (ECMA-402 2023), and the fraction is as long as the text's own, or the
  // currency's when that is longer.
  money(decimal, currency) {
    const text = plain(decimal);
    const match = DECIMAL.exec(text);
    const fractionDigits = match?.[2]?.length ?? 0;
    const format = match && fractionDigits <= MAX_FRACTION_DIGITS ?
        this.#moneyFormat(currency, fractionDigits) :
        null;
    if (format) return format.format(text);
    return currency && text !== DASH ? `${text} ${plain(currency)}` : text;
  }

  // "42s", "12m", "3h", "2d": how long ago that was. A clock that runs behind the database's gives
  // "0s".
  elapsed(thenMs, nowMs) {
    if (!Number.isFinite(thenMs)) return DASH;
    const age = Math.max(0, nowMs - thenMs);
    if (age < MINUTE_MS) return this.#units.get('second').format(Math.floor(age / SECOND_MS));
    if (age < HOUR_MS) return this.#units.get('minute').format(Math.floor(age / MINUTE_MS));
    if (age < DAY_MS) return this.#units.get('hour').format(Math.floor(age / HOUR_MS));
    return this.#units.get('day').format(Math.floor(age / DAY_MS));
  }

  // "17:04", and with its seconds.
  clock(ms) { return this.#clock.format(ms); }

  clockWithSeconds(ms) { return this.#second.format(ms); }

  dateTime(ms) { return Number.isFinite(ms) ? this.#full.format(ms) : DASH; }

  // Null for what is not a currency code.
  #moneyFormat(currency, fractionDigits) {
    const cacheKey = `${currency} ${fractionDigits}`;
    if (!this.#money.has(cacheKey)) {
      if (this.#money.size >= MAX_CACHED_FORMATS) this.#money.clear();
      this.#money.set(cacheKey, newMoneyFormat(this.#locale, currency, fractionDigits));
    }
    return this.#money.get(cacheKey);
  }
}

function newMoneyFormat(locale, currency, fractionDigits) {
  if (typeof currency !== 'string' || !/^[A-Za-z]{3}$/.test(currency)) return null;
  const options = {style: 'currency', currency, currencyDisplay: 'narrowSymbol'};
  const usual = new Intl.NumberFormat(locale, options).resolvedOptions().maximumFractionDigits;
  const digits = Math.max(usual, fractionDigits);
  return new Intl.NumberFormat(
      locale, {...options, minimumFractionDigits: digits, maximumFractionDigits: digits});
}
