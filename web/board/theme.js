// Light, dark, or as the system has it; and the wall: large type, nothing to click, and a screen
// that stays on.

import {recall, remember} from './settings.js';

export const THEMES = ['system', 'light', 'dark'];

export function theme() {
  const chosen = recall('theme', 'system');
  return THEMES.includes(chosen) ? chosen : 'system';
}

export function setTheme(name) {
  remember('theme', name);
  document.documentElement.dataset.theme = name;
}

// With ?wall in the address. (Wide screens have the large type by themselves: tokens.css.)
export function hangOnWall() {
  if (!new URLSearchParams(location.search).has('wall')) return;
  document.documentElement.dataset.wall = '';
  const stayAwake = () => {
    // A refusal (battery low, no permission) leaves the screen to its own ways.
    if (!document.hidden) navigator.wakeLock?.request('screen').catch(() => {});
  };
  document.addEventListener('visibilitychange', stayAwake);
  stayAwake();
}
