// The button that stops the picture and lets it go on; meanwhile it counts what waits.

import {setIcon, setText} from './dom.js';

export class PauseButton {
  #button;
  #use;
  #text;
  #locale;
  #intake;
  #onResume;

  constructor(button, locale, intake, onResume) {
    this.#button = button;
    this.#use = button.querySelector('use');
    this.#text = button.querySelector('[data-part=text]');
    this.#locale = locale;
    this.#intake = intake;
    this.#onResume = onResume;
    button.addEventListener('click', () => this.toggle());
  }

  toggle() {
    if (this.#intake.paused) this.#intake.resume(Date.now());
    else this.#intake.pause();
    this.#onResume();
  }

  redraw() {
    const {paused} = this.#intake;
    const name = this.#locale.t(paused ? 'resume' : 'pause');
    const waiting = this.#waiting();
    this.#button.toggleAttribute('data-paused', paused);
    setIcon(this.#use, paused ? 'play' : 'pause');
    setText(this.#text, waiting || (paused ? name : ''));
    this.#button.setAttribute('aria-label', [name, waiting].filter(Boolean).join(', '));
    this.#button.title = name;
  }

  #waiting() {
    const {changed, fresh} = this.#intake.waiting;
    if (fresh > 0) return this.#locale.counted('pause.fresh', fresh);
    return changed > 0 ? this.#locale.counted('pause.changed', changed) : '';
  }
}
