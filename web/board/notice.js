// What stands where no orders can: loading, empty, nothing found, signed out and the errors, with a
// way out.

import {setText} from './dom.js';
import {stateOf} from './pill.js';

// Which notice fits, by name; 'loading' has no text of its own, null is for orders that can be
// shown.
export function noticeFor({loaded, size, query, status}) {
  if (status.phase === 'closed') return 'closed';
  if (status.phase === 'signed-out') return 'signed-out';
  if (loaded) {
    if (size > 0) return null;
    return query.isEverything ? 'empty' : 'nothing';
  }
  return {reconnecting: 'unreachable', offline: 'offline', stale: 'database'}[stateOf(status)] ??
      'loading';
}

const WITH_ACTION = new Set(['nothing', 'unreachable', 'closed']);

export class Notice {
  #board;
  #element;
  #title;
  #text;
  #button;
  #form;
  #complaint;
  #locale;
  #actions;
  #name = 'loading';

  // `actions`: what the button of a notice does, by the notice's name; signIn(token) answers with
  // whether the server took it.
  constructor(document, locale, actions) {
    this.#board = document.getElementById('board');
    this.#element = document.getElementById('notice');
    const part = (name) => this.#element.querySelector(`[data-part=${name}]`);
    [this.#title, this.#text, this.#button, this.#form, this.#complaint] =
        ['title', 'text', 'action', 'form', 'complaint'].map(part);
    this.#locale = locale;
    this.#actions = actions;
    this.#button.addEventListener('click', () => this.#actions[this.#name]());
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#signIn(this.#form.elements.token);
    });
  }

  // `problem`: the server's own words, or null.
  render(name, problem) {
    const {t} = {t: (key) => this.#locale.t(key)};
    if (name !== this.#name) setText(this.#complaint, '');
    this.#name = name;
    if (name) this.#board.dataset.notice = name;
    else delete this.#board.dataset.notice;
    this.#board.setAttribute('aria-busy', String(name === 'loading'));
    this.#element.hidden = name === null || name === 'loading';
    if (this.#element.hidden) return;
    setText(this.#title, t(`notice.${name}`));
    setText(this.#text, name === 'closed' ? problem ?? '' : t(`notice.${name}.text`));
    this.#form.hidden = name !== 'signed-out';
    this.#button.hidden = !WITH_ACTION.has(name);
    if (!this.#button.hidden) setText(this.#button, t(`notice.${name}.action`));
  }

  async #signIn(field) {
    const taken = await this.#actions.signIn(field.value).catch(() => null);
    if (taken !== null) field.value = '';
    setText(
        this.#complaint,
        taken ? '' : this.#locale.t(taken === null ? 'token.unreachable' : 'token.refused'));
  }
}
