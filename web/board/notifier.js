// Tells of new orders by the system's notifications while the page is hidden, where the user has
// allowed it: one at a time, the next replaces it.

import {recall, remember} from './settings.js';

const MIN_INTERVAL_MS = 10_000;
const TAG = 'ordercast-new-orders';

export class Notifier {
  #locale;
  #isOn = recall('notify', 'off') === 'on';
  #fresh = 0;
  #timer = null;

  constructor(locale) {
    this.#locale = locale;
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.#fresh = 0;
    });
  }

  get isOn() { return this.#isOn && globalThis.Notification?.permission === 'granted'; }

  get isDenied() { return globalThis.Notification?.permission !== 'granted' &&
        globalThis.Notification?.permission !== 'default'; }

  // Asks the user where the browser has not yet.
  async turn(isOn) {
    this.#isOn = isOn;
    remember('notify', isOn ? 'on' : 'off');
    if (isOn && globalThis.Notification?.permission === 'default') await Notification.requestPermission();
  }

  newOrder() {
    if (!document.hidden || !this.isOn) return;
    this.#fresh += 1;
    this.#timer ??= setTimeout(() => this.#show(), 0);
  }

  #show() {
    if (this.#fresh > 0) {
      const notification = new Notification(
          this.#locale.counted('notify.new', this.#fresh), {tag: TAG, icon: 'favicon.svg'});
      notification.onclick = () => {
        focus();
        notification.close();
      };
    }
    const shown = this.#fresh;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#fresh > shown) this.#show();
    }, MIN_INTERVAL_MS);
  }
}
