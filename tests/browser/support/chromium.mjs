// Debian's Chromium, driven by playwright-core.

import {existsSync} from 'node:fs';

// It looks for no host of its own on a machine without a network.
const QUIET = [
  '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'
];

// From a cold disk, on a busy machine.
const LAUNCH_MS = 120_000;

export async function launchChromium() {
  const {chromium} = await import('playwright-core').catch(() => {
    throw new Error('playwright-core is missing: npm ci --prefix tests/browser');
  });
  // Chromium's sandbox refuses to run as root; these tests load nothing but our own pages.
  return chromium.launch(
      {executablePath: findChromium(), args: QUIET, chromiumSandbox: false, timeout: LAUNCH_MS});
}

function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const folder of (process.env.PATH ?? '').split(':')) {
    if (existsSync(`${folder}/chromium`)) return `${folder}/chromium`;
  }
  throw new Error('Chromium is missing: apt-get install chromium, or set CHROMIUM to its path');
}
