/** A real Chromium, without a window, that reaches nothing but this machine. */
import { spawnSync } from 'node:child_process';
import { chromium, type Browser } from 'playwright-core';
import { isInstalled } from './service.js';

export const hasChromium = isInstalled('chromium', 'chromium');

export async function startChromium(): Promise<Browser> {
  const { stdout } = spawnSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' });
  return chromium.launch({ executablePath: stdout.trim(), args: FLAGS });
}

const FLAGS = [
  // It refuses to run as root otherwise, and shows pages of ours only.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];
