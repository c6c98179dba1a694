// Debian's Firefox, driven by puppeteer-core over WebDriver BiDi, with as much of playwright-core's
// interface as tests of both browsers use.

import {existsSync} from 'node:fs';

// From a cold disk, on a busy machine.
const LAUNCH_MS = 120_000;

export async function launchFirefox() {
  const {default: puppeteer} = await import('puppeteer-core').catch(() => {
    throw new Error('puppeteer-core is missing: npm ci --prefix tests/browser');
  });
  const browser = await puppeteer.launch(
      {browser: 'firefox', executablePath: findFirefox(), headless: true, timeout: LAUNCH_MS});
  return {
    newContext: () => browser.createBrowserContext(),
    close: () => browser.close(),
  };
}

function findFirefox() {
  if (process.env.FIREFOX) return process.env.FIREFOX;
  for (const folder of (process.env.PATH ?? '').split(':')) {
    if (existsSync(`${folder}/firefox-esr`)) return `${folder}/firefox-esr`;
  }
  throw new Error('Firefox is missing: apt-get install firefox-esr, or set FIREFOX to its path');
}
