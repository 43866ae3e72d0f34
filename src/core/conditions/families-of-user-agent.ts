import type { BrowserFamily, OsFamily } from './families.ts';

/** Returns the operating system a User-Agent names. */
export function osOfUserAgent(userAgent: string): OsFamily {
  for (const [pattern, os] of systems) if (pattern.test(userAgent)) return os;
  return 'other';
}

/** In this order: Windows Phone says Android and iPhone too, iPhones say Mac OS X, Tizen says Linux. */
const systems: readonly (readonly [RegExp, OsFamily])[] = [
  [/Windows Phone/i, 'windows'],
  [/Apple ?TV|tvOS/i, 'tvos'],
  [/iPhone|iPad|iPod/i, 'ios'],
  [/KAIOS/i, 'kaios'],
  [/Tizen/i, 'tizen'],
  [/Web0S|webOS|hpwOS/i, 'webos'],
  [/HarmonyOS|OpenHarmony/i, 'harmonyos'],
  [/PlayStation|Nintendo/i, 'other'],
  [/CrOS/, 'chromeos'],
  [/Android|\bSilk\/|\bKF[A-Z]{2,6}\b/, 'android'],
  [/Windows/i, 'windows'],
  [/Macintosh|Mac OS X|macOS/i, 'macos'],
  [/Linux|Ubuntu|Fedora/i, 'linux'],
];

/** Returns the browser a User-Agent names. */
export function browserOfUserAgent(userAgent: string): BrowserFamily {
  for (const [pattern, browser] of browsers) if (pattern.test(userAgent)) return browser;
  return safariAlone.test(userAgent) && !notSafari.test(userAgent) ? 'safari' : 'other';
}

/** In this order: nearly all of them say Chrome and Safari as well. */
const browsers: readonly (readonly [RegExp, BrowserFamily])[] = [
  [/\bEdg(?:e|A|iOS)?\//, 'edge'],
  [/\bOPR\/|\bOPT\/|\bOPiOS\/|\bOPX\/|\bOpera\b/, 'opera'],
  [/SamsungBrowser\//, 'samsung'],
  [/YaBrowser\//, 'yandex'],
  [/UC ?Browser|\bUBrowser\//, 'uc'],
  [/Vivaldi\//, 'vivaldi'],
  [/DuckDuckGo\/|\bDdg\//, 'duckduckgo'],
  [/\bSilk\//, 'silk'],
  [/SeaMonkey\/|PaleMoon\//, 'other'],
  [/Firefox\/|FxiOS\//, 'firefox'],
  [/Chrome\/|CriOS\/|Chromium\//, 'chrome'],
  [/\bMSIE |Trident\//, 'ie'],
];
const safariAlone = /Version\/\d.*Safari\//;
/** Built into other systems, these said Safari before they said Chrome. */
const notSafari = /Android|Tizen|Web0S|BB10|BlackBerry|Linux|PlayStation|Nintendo/;
