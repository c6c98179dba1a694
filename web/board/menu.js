// The window with the settings and the list of shortcuts.

import {setTheme, theme} from './theme.js';

export class Menu {
  #dialog;
  #form;
  #locale;
  #notifier;
  #signOut;
  #complaint;

  // `actions`: speak(name), the user wants that language; signOut() answers with whether that was
  // possible.
  constructor(document, locale, notifier, actions) {
    this.#dialog = document.getElementById('menu');
    this.#form = document.getElementById('settings');
    this.#locale = locale;
    this.#notifier = notifier;
    this.#signOut = document.getElementById('sign-out');
    this.#complaint = document.getElementById('sign-out-failed');
    this.#signOut.addEventListener('click', async () => {
      const isOut = await actions.signOut();
      this.#complaint.hidden = isOut;
      if (isOut) this.#dialog.close();
    });
    document.getElementById('open-menu').addEventListener('click', () => this.open());
    // A click beside the window closes it, as Escape does.
    this.#dialog.addEventListener('click', ({target}) => target === this.#dialog && this.#dialog.close());
    this.#form.addEventListener('change', async ({target}) => {
      if (target.name === 'theme') setTheme(target.value);
      if (target.name === 'language') actions.speak(target.value);
      if (target.name === 'notify') await this.#notifier.turn(target.checked);
      this.#show();
    });
  }

  // Whether there is anybody to sign out.
  offerSignOut(isOffered) { this.#signOut.hidden = !isOffered; }

  open() {
    this.#complaint.hidden = true;
    this.#show();
    this.#dialog.showModal();
  }

  #show() {
    const {theme: themes, language, notify} = this.#form.elements;
    themes.value = theme();
    language.value = this.#locale.name;
    notify.checked = this.#notifier.isOn;
    notify.disabled = this.#notifier.isDenied;
    notify.closest('label').hidden = !this.#notifier.isPossible;
    document.getElementById('notify-denied').hidden = !this.#notifier.isDenied;
  }
}
