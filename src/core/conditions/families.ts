/** The operating systems that `os` tells apart. */
export const osFamilies = [
  'windows',
  'macos',
  'linux',
  'chromeos',
  'android',
  'ios',
  'tvos',
  'tizen',
  'webos',
  'kaios',
  'harmonyos',
  'other',
] as const;
export type OsFamily = (typeof osFamilies)[number];

/** The browsers that `browser` tells apart. */
export const browserFamilies = [
  'chrome',
  'edge',
  'firefox',
  'safari',
  'opera',
  'samsung',
  'brave',
  'vivaldi',
  'yandex',
  'uc',
  'duckduckgo',
  'silk',
  'ie',
  'other',
] as const;
export type BrowserFamily = (typeof browserFamilies)[number];
