// The drawer that shows the stream itself: each frame as it comes over the wire, to look into, and
// to take along as a curl command. It reads a stream of its own, and only while it is open.

import {copyText, instantiate, setText} from './dom.js';
import {readFrames} from './frames.js';
import {Hold} from './hold.js';

const MAX_FRAMES = 100;
// Frames that come faster than this are drawn together.
const DRAW_MS = 200;
const RETRY_MS = 2000;

export class Inspector {
  #drawer;
  #button;
  #list;
  #part;
  #template;
  #locale;
  #hold;
  #url = '';
  #abort = null;
  #lastId = '';
  #waiting = [];
  #timer = null;

  constructor(document, locale) {
    this.#drawer = document.getElementById('inspector');
    this.#button = document.getElementById('inspect');
    this.#list = document.getElementById('frames');
    this.#template = document.getElementById('frame-template');
    this.#part = (name) => this.#drawer.querySelector(`[data-part=${name}]`);
    this.#locale = locale;
    this.#hold = new Hold(this.#list, this.#part('fresh'), () => this.#draw());
    this.#button.addEventListener('click', () => this.toggle());
    this.#part('close').addEventListener('click', () => this.close());
    this.#part('clear').addEventListener('click', () => this.#clear());
    this.#part('fresh').addEventListener('click', () => {
      this.#list.scrollTop = 0;
      this.#hold.release();
    });
    this.#drawer.addEventListener('click', ({target}) => this.#copy(target.closest('[data-copy]')));
  }

  get isOpen() { return !this.#drawer.hidden; }

  // The stream to look at, absolute; another one begins anew.
  inspect(url) {
    if (url === this.#url) return;
    this.#url = url;
    setText(this.#part('url'), decodeURIComponent(new URL(url).pathname + new URL(url).search));
    if (this.isOpen) this.#start();
  }

  toggle() { this.isOpen ? this.close() : this.open(); }

  open() {
    this.#drawer.hidden = false;
    this.#button.setAttribute('aria-expanded', 'true');
    this.#start();
    this.#part('close').focus();
  }

  close() {
    const hadFocus = this.#drawer.contains(document.activeElement);
    this.#drawer.hidden = true;
    this.#button.setAttribute('aria-expanded', 'false');
    this.#abort?.abort();
    this.#clear();
    if (hadFocus) this.#button.focus();
  }

  async #start() {
    this.#abort?.abort();
    this.#clear();
    this.#lastId = '';
    const {signal} = this.#abort = new AbortController();
    while (!signal.aborted) {
      try {
        for await (const frame of readFrames(this.#url, this.#lastId, signal)) this.#take(frame);
      } catch {
        // As when it ends: told below, and resumed.
      }
      if (signal.aborted) return;
      this.#take({text: '', event: '', id: '', lost: true});
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  #take(frame) {
    if (frame.id) this.#lastId = frame.id;
    this.#waiting.push({...frame, atMs: Date.now()});
    if (this.#waiting.length > MAX_FRAMES) this.#waiting.shift();
    this.#timer ??= setTimeout(() => this.#draw(), DRAW_MS);
  }

  // Newest first, and nothing moves under the hand.
  #draw() {
    clearTimeout(this.#timer);
    this.#timer = null;
    const held = this.#hold.active && this.#list.childElementCount > 0;
    const fresh = this.#part('fresh');
    fresh.hidden = !held || this.#waiting.length === 0;
    if (held) return setText(fresh, this.#locale.counted('inspector.fresh', this.#waiting.length));
    this.#list.prepend(...this.#waiting.map((frame) => this.#row(frame)).reverse());
    this.#waiting.length = 0;
    while (this.#list.childElementCount > MAX_FRAMES) this.#list.lastElementChild.remove();
    this.#part('waiting').hidden = this.#list.childElementCount > 0;
  }

  #row({text, event, id, retry, lost, atMs}) {
    const {element, parts} = instantiate(this.#template);
    const name = event || (retry ? 'retry' : this.#locale.t('inspector.heartbeat'));
    element.dataset.event = lost ? 'lost' : event || 'other';
    setText(parts.time, this.#locale.format.clockWithSeconds(atMs));
    setText(parts.event, lost ? this.#locale.t('inspector.lost') : name);
    setText(parts.id, id);
    setText(parts.text, text);
    parts.resume.dataset.copy = id;
    parts.resume.hidden = id === '';
    setText(parts.resume, this.#locale.t('inspector.resume'));
    return element;
  }

  #clear() {
    this.#waiting.length = 0;
    this.#list.replaceChildren();
    this.#part('waiting').hidden = false;
    this.#part('fresh').hidden = true;
  }

  // `button`: its data-copy is the id to resume from, or '' for the stream from now on.
  async #copy(button) {
    if (!button) return;
    const {copy: id, t: label} = button.dataset;
    const command = `curl -N '${this.#url}'` + (id && ` -H 'Last-Event-ID: ${id}'`);
    await copyText(command, this.#part('command'));
    setText(button, this.#locale.t('inspector.copied'));
    setTimeout(() => setText(button, this.#locale.t(label)), 1500);
  }
}
