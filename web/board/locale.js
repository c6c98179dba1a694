// The language of the board: its texts, and the formats of its numbers and dates. One object that
// all views share; what they show is drawn anew after a switch.

import {Format} from './format.js';
import en from './strings_en.js';
import zh from './strings_zh.js';

const LANGUAGES = {
  en: {tag: 'en', strings: en},
  zh: {tag: 'zh-CN', strings: zh},
};

// 'en' or 'zh': the first of these tags that the board knows, else English.
export function chooseLanguage(tags) {
  const known = tags.map((tag) => String(tag).slice(0, 2).toLowerCase())
                    .find((name) => Object.hasOwn(LANGUAGES, name));
  return known ?? 'en';
}

export class Locale {
  #strings;
  #plurals;

  constructor(name) { this.use(name); }

  use(name) {
    const {tag, strings} = LANGUAGES[name];
    this.name = name;
    this.tag = tag;
    this.format = new Format(tag);
    this.#strings = strings;
    this.#plurals = new Intl.PluralRules(tag);
  }

  // The text of `key` with `values` filled in. Values are text, never patterns: what an order says
  // is not looked at again.
  t(key, values = {}) {
    const chosen = this.#strings[key].replace(
        /\{n\|([^|]*)\|((?:[^{}]|\{\w+\})*)\}/g,
        (_, one, other) => this.#plurals.select(values.n) === 'one' ? one : other);
    return chosen.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  // A key that counts: {n} chooses the plural, {count} is the number.
  counted(key, n) { return this.t(key, {n, count: this.format.count(n)}); }

  // Translates what stands in the page itself: data-t is the text of an element, data-t-label its
  // accessible name and tooltip, data-t-hint the placeholder of a field.
  translate(root) {
    for (const element of root.querySelectorAll('[data-t]'))
      element.textContent = this.t(element.dataset.t);
    for (const element of root.querySelectorAll('[data-t-label]')) {
      element.setAttribute('aria-label', this.t(element.dataset.tLabel));
      if (element.matches('button')) element.title = this.t(element.dataset.tLabel);
    }
    for (const element of root.querySelectorAll('[data-t-hint]'))
      element.placeholder = this.t(element.dataset.tHint);
  }
}
