// Tells of new orders by the system's notifications while the page is hidden, where the user has
// allowed it: one at a time, the next replaces it.

import {recall, remember} from './settings.js';

const MIN_INTERVAL_MS = 10_000;
const TAG = 'ordercast-new-orders';

export class Notifier {
  #locale;
  #isOn = recall('notify', 'off') === 'on';
  #isPossible = canNotify();
  #fresh = 0;
  #timer = null;

  constructor(locale) {
    this.#locale = locale;
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.#fresh = 0;
    });
  }

  // Whether pages of this browser have notifications, as far as that is known.
  get isPossible() { return this.#isPossible; }

  get isOn() { return this.#isPossible && this.#isOn && Notification.permission === 'granted'; }

  get isDenied() { return this.#isPossible && Notification.permission === 'denied'; }

  // Asks the user where the browser has not yet.
  async turn(isOn) {
    this.#isOn = isOn;
    remember('notify', isOn ? 'on' : 'off');
    if (isOn && Notification.permission === 'default') await Notification.requestPermission();
  }

  newOrder() {
    if (!document.hidden || !this.isOn) return;
    this.#fresh += 1;
    this.#timer ??= setTimeout(() => this.#show(), 0);
  }

  #show() {
    if (this.#fresh > 0) this.#notify(this.#locale.counted('notify.new', this.#fresh));
    const shown = this.#fresh;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#fresh > shown) this.#show();
    }, MIN_INTERVAL_MS);
  }

  #notify(text) {
    try {
      const notification = new Notification(text, {tag: TAG, icon: 'favicon.svg'});
      notification.onclick = () => {
        focus();
        notification.close();
      };
    } catch {
      this.#isPossible = false;
    }
  }
}

// Chrome for Android has the interface, but throws: only service workers may notify there. What the
// user has not allowed is never shown, so it can be tried; else the first notification will tell.
function canNotify() {
  try {
    if (Notification.permission !== 'granted') new Notification('');
    return true;
  } catch {
    return false;
  }
}
