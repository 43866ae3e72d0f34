import type { Facts } from './facts.ts';
import type { BrowserFamily, OsFamily } from './families.ts';
import { userAgentVerdict } from './user-agent-verdict.ts';
import type { Device } from './when.ts';

/**
 * Returns the kind of device: by the client hints, else by the User-Agent.
 *
 * Hints know phones from the rest and nothing else. So a crawler, a television or a console
 * that its User-Agent names stays one. A client on Android that is no phone is a tablet.
 */
export function deviceOf(facts: Facts): Device {
  const verdict = userAgentVerdict(facts.header('user-agent'));
  if (verdict.device === 'bot' || verdict.device === 'tv') return verdict.device;
  const isMobile = facts.header('sec-ch-ua-mobile');
  if (isMobile === '?1') return 'mobile';
  if (isMobile !== '?0') return verdict.device;
  const platform = platformOf(facts);
  if (platform === 'android' || platform === 'ios') return 'tablet';
  if (platform !== undefined) return 'desktop';
  return verdict.device === 'mobile' ? 'tablet' : verdict.device;
}

/** Returns the operating system: by Sec-CH-UA-Platform, else by the User-Agent. */
export function osOf(facts: Facts): OsFamily {
  return platformOf(facts) ?? userAgentVerdict(facts.header('user-agent')).os;
}

function platformOf(facts: Facts): OsFamily | undefined {
  const hint = facts.header('sec-ch-ua-platform');
  return hint === undefined ? undefined : platforms.get(hint.replaceAll('"', ''));
}

/** https://wicg.github.io/ua-client-hints/#sec-ch-ua-platform lists the values. */
const platforms: ReadonlyMap<string, OsFamily> = new Map([
  ['Android', 'android'],
  ['Chrome OS', 'chromeos'],
  ['Chromium OS', 'chromeos'],
  ['iOS', 'ios'],
  ['Linux', 'linux'],
  ['macOS', 'macos'],
  ['Windows', 'windows'],
]);

/** Returns the browser: by the brands of Sec-CH-UA, else by the User-Agent. */
export function browserOf(facts: Facts): BrowserFamily {
  const brands = facts.header('sec-ch-ua');
  if (brands !== undefined) {
    for (const [brand, browser] of families) if (brands.includes(brand)) return browser;
  }
  return userAgentVerdict(facts.header('user-agent')).browser;
}

/** All of them also name Chromium; those that name nothing else are told by their User-Agent. */
const families: readonly (readonly [string, BrowserFamily])[] = [
  ['"Microsoft Edge"', 'edge'],
  ['"Opera', 'opera'],
  ['"Samsung Internet"', 'samsung'],
  ['"Brave"', 'brave'],
  ['"Vivaldi"', 'vivaldi'],
  ['"Yandex"', 'yandex'],
  ['"YaBrowser"', 'yandex'],
  ['"DuckDuckGo"', 'duckduckgo'],
  ['"Google Chrome"', 'chrome'],
];
