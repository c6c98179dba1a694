// The chime of a new order. Browsers play nothing before the user has touched the page: a sound
// that was switched on in an earlier visit waits for the first touch.

import {recall, remember} from './settings.js';

// A shop that sells by the second must not ring without a pause.
const MIN_INTERVAL_MS = 2000;
// A fourth upwards, struck softly: [frequency in Hz, start in s].
const NOTES = [[659.26, 0], [880, 0.11]];
const LENGTH_S = 0.6;
const LOUDNESS = 0.18;

export class Sound {
  #button;
  #locale;
  #isOn = recall('sound', 'off') === 'on';
  #audio = null;
  #rangMs = -Infinity;

  constructor(button, locale) {
    this.#button = button;
    this.#locale = locale;
    button.addEventListener('click', () => this.toggle());
    const unlock = () => this.#isOn && this.#unlock();
    for (const type of ['pointerdown', 'keydown']) addEventListener(type, unlock, {passive: true});
    this.redraw();
  }

  // Switching it on plays it once, to show what it is.
  toggle() {
    this.#isOn = !this.#isOn;
    remember('sound', this.#isOn ? 'on' : 'off');
    this.redraw();
    if (this.#isOn) this.#unlock().then(() => this.#play());
  }

  newOrder() {
    const nowMs = performance.now();
    if (!this.#isOn || this.#audio?.state !== 'running' || nowMs - this.#rangMs < MIN_INTERVAL_MS)
      return;
    this.#rangMs = nowMs;
    this.#play();
  }

  redraw() {
    const text = this.#locale.t(this.#isOn ? 'sound.on' : 'sound.off');
    this.#button.setAttribute('aria-pressed', String(this.#isOn));
    this.#button.setAttribute('aria-label', text);
    this.#button.title = text;
  }

  async #unlock() {
    this.#audio ??= new AudioContext();
    if (this.#audio.state === 'suspended') await this.#audio.resume();
  }

  #play() {
    const audio = this.#audio;
    for (const [frequency, offset] of NOTES) {
      const start = audio.currentTime + offset;
      const tone = new OscillatorNode(audio, {frequency, type: 'sine'});
      const loudness = new GainNode(audio, {gain: 0});
      loudness.gain.setValueAtTime(0, start);
      loudness.gain.linearRampToValueAtTime(LOUDNESS, start + 0.01);
      loudness.gain.exponentialRampToValueAtTime(0.0001, start + LENGTH_S);
      tone.connect(loudness).connect(audio.destination);
      tone.start(start);
      tone.stop(start + LENGTH_S);
    }
  }
}
