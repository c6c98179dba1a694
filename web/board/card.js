// One order on the screen. Every value is hostile input: it is cut to a length and set as text.

import {instantiate, setIcon, setText} from './dom.js';
import {itemsSummary, plain} from './format.js';
import {OTHER, urgency} from './statuses.js';

// What a line can show at most, with its tooltip; in characters.
const MAX_CHARS = 500;

export class Card {
  #context;
  #parts;
  #use;
  #flashed = false;
  #retired = false;
  #question = null;  // the timer that takes it back

  // `context`: {template, locale, merchantName(id), outcome(id), clockOffsetMs()}, shared by all
  // cards. `outcome` is what there is to say of the desk's last work on that order: see
  // desk_work.js. `clockOffsetMs` is what to add to this machine's clock to have the database's.
  constructor(context) {
    const {element, parts, use} = instantiate(context.template);
    this.element = element;
    this.order = null;
    this.#context = context;
    this.#parts = parts;
    this.#use = use;
    parts.card.addEventListener('animationend', () => delete parts.card.dataset.flash);
  }

  // `order` replaces what the card shows; the same order again costs nothing.
  show(order, nowMs) {
    if (order === this.order) return;
    this.order = order;
    this.redraw(nowMs);
  }

  // Shows the order again: the language, or what is said of it, has changed.
  redraw(nowMs) {
    const {order} = this;
    const {row, lane} = order;
    const {locale, merchantName} = this.#context;
    this.element.dataset.key = order.id;
    const number = this.#set('number', row.order_number ?? row.id);
    const customer = this.#set('customer', row.customer_name);
    this.#set('merchant', row.merchant_id == null ? '' : merchantName(row.merchant_id));
    this.#set('items', itemsSummary(row.items));
    this.#set('note', order.incomplete ? locale.t('card.incomplete') : row.note ?? '');
    const status = this.#set(
        'status', lane === OTHER ? plain(order.status) : locale.t(`status.${lane.name}`));
    const amount = this.#set('amount', locale.format.money(row.total, row.currency));
    this.#parts.amount.title = clip([amount, row.currency].filter(Boolean).join(' '));
    this.#parts.card.setAttribute('aria-label', [number, customer, amount, status].join(', '));
    this.#showActions(number);
    this.#showOutcome();
    // What goes with the level is to be written again, too: in this language.
    delete this.#parts.card.dataset.level;
    this.tick(nowMs);
  }

  // Brings the age up to date. A closed order shows when it was closed.
  tick(nowMs) {
    const {lane, createdMs, updatedMicros} = this.order;
    const {locale, clockOffsetMs} = this.#context;
    const age = this.#parts.age;
    const databaseMs = nowMs + clockOffsetMs();
    const level = urgency(lane, databaseMs - createdMs);
    if (lane.isOpen) setText(age, locale.format.elapsed(createdMs, databaseMs));
    else setText(age, locale.format.clock(updatedMicros / 1000));
    if (this.#parts.card.dataset.level === level) return;
    this.#parts.card.dataset.level = level;
    setIcon(this.#use, level);
    setText(this.#parts.ageHint, level === 'calm' ? '' : locale.t(`card.${level}`));
    age.title = locale.format.dateTime(createdMs);
  }

  // Two names of one animation: setting the other one starts it again.
  flash() {
    this.#flashed = !this.#flashed;
    this.#parts.card.dataset.flash = this.#flashed ? 'odd' : 'even';
  }

  // `to`: the lane that the order has gone to, 'gone', or false: it belongs here. A card in a lane
  // that is held stays in its place, faded.
  retire(to) {
    if (to === this.#retired) return;
    this.#retired = to;
    const {locale} = this.#context;
    this.#parts.card.toggleAttribute('data-retired', Boolean(to));
    const text = to === 'gone' ? locale.t('card.gone') :
        to                     ? locale.t('card.moved', {status: locale.t(`status.${to}`)}) :
                                 '';
    setText(this.#parts.moved, text);
    this.#showActions(this.#parts.number.textContent);
  }

  setTabStop(isStop) {
    const index = isStop ? 0 : -1;
    for (const part of [this.#parts.card, this.#parts.step, this.#parts.cancel]) part.tabIndex = index;
  }

  focus() { this.#parts.card.focus({preventScroll: true}); }

  // A cancellation takes two presses: the first one asks. The question stands for `ms`.
  askToCancel(ms) {
    this.#showQuestion(true);
    this.#question = setTimeout(() => this.endQuestion(), ms);
  }

  endQuestion() {
    clearTimeout(this.#question);
    this.#showQuestion(false);
  }

  get asksToCancel() { return this.#parts.card.hasAttribute('data-asks'); }

  #showQuestion(asks) {
    this.#parts.card.toggleAttribute('data-asks', asks);
    this.#showActions(this.#parts.number.textContent);
  }

  #showActions(number) {
    const {locale} = this.#context;
    const {step, cancel, card} = this.#parts;
    const {lane, wish} = this.order;
    const works = !wish && !this.#retired;
    const focused = card.querySelector('button:focus-visible');
    step.hidden = !works || !lane.next || this.asksToCancel;
    cancel.hidden = !works || !lane.isOpen;
    // A button that goes would take a keyboard's place on the board with it.
    if (focused?.hidden) this.focus();
    card.toggleAttribute('aria-busy', Boolean(wish));
    if (lane.next) {
      setText(step, locale.t(`step.${lane.next}`));
      step.setAttribute(
          'aria-label', locale.t('step.named', {step: step.textContent, order: number}));
    }
    const cancelText = locale.t(this.asksToCancel ? 'step.confirm' : 'step.cancelled');
    setText(this.#parts.cancelText, cancelText);
    cancel.setAttribute('aria-label', locale.t('step.named', {step: cancelText, order: number}));
    cancel.title = cancelText;
  }

  #showOutcome() {
    const message = this.#context.outcome(this.order.id) ?? '';
    this.#parts.message.hidden = message === '';
    setText(this.#parts.message, clip(message));
  }

  // Sets a part to the text of a value, with a tooltip of what may not fit; answers with the text.
  #set(part, value) {
    const text = value === '' ? '' : clip(plain(value));
    setText(this.#parts[part], text);
    this.#parts[part].title = text;
    return text;
  }
}

function clip(text) {
  return text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}\u2026` : text;
}
