import { test } from 'tap';
import { compileWhen } from '#core/conditions/registry';
import {
  maxReadBytes,
  maxRememberedBytes,
  maxRememberedVerdicts,
  rememberedVerdicts,
  userAgentVerdict,
} from '#core/conditions/user-agent-verdict';
import type { When } from '#core/conditions/when';
import { facts } from './made-up-facts.ts';

const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)';

/**
 * User-Agents as their vendors document them or as clients in use send them:
 * - MDN, "User-Agent header" and "User-Agent reduction" (Chrome, Edge, Opera, Firefox, Safari, curl)
 * - developer.samsung.com, "Retrieving Platform Information" (Tizen television)
 * - developer.amazon.com, "User Agent Strings (Fire TV)"; tests of everget/rowser (Fire tablets)
 * - webostv.developer.lge.com, "Web API and Web Engine" (webOS television)
 * - developers.google.com, "Google's common crawlers"; bing.com/webmasters (crawlers)
 * - tests of matomo-org/device-detector, Tests/fixtures (consoles, HbbTV)
 */
const clients: readonly (readonly [device: string, os: string, browser: string, text: string])[] = [
  [
    'desktop',
    'windows',
    'chrome',
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/143.0.0.0 Safari/537.36`,
  ],
  [
    'desktop',
    'windows',
    'edge',
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0`,
  ],
  [
    'desktop',
    'windows',
    'firefox',
    'Mozilla/5.0 (Windows NT 6.1; Win64; x64; rv:47.0) Gecko/20100101 Firefox/47.0',
  ],
  [
    'desktop',
    'windows',
    'ie',
    'Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko',
  ],
  [
    'desktop',
    'windows',
    'ie',
    'Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0; Tablet PC 2.0)',
  ],
  [
    'desktop',
    'macos',
    'firefox',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:146.0) Gecko/20100101 Firefox/146.0',
  ],
  [
    'desktop',
    'macos',
    'safari',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15',
  ],
  [
    'desktop',
    'macos',
    'opera',
    `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${webkit} Chrome/98.0.4758.102 Safari/537.36 OPR/84.0.4316.21`,
  ],
  [
    'desktop',
    'linux',
    'opera',
    `Mozilla/5.0 (X11; Linux x86_64) ${webkit} Chrome/51.0.2704.106 Safari/537.36 OPR/38.0.2220.41`,
  ],
  [
    'desktop',
    'linux',
    'firefox',
    'Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:124.0) Gecko/20100101 Firefox/124.0',
  ],
  [
    'desktop',
    'chromeos',
    'chrome',
    `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${webkit} Chrome/143.0.0.0 Safari/537.36`,
  ],
  [
    'mobile',
    'android',
    'chrome',
    `Mozilla/5.0 (Linux; Android 10; K) ${webkit} Chrome/143.0.0.0 Mobile Safari/537.36`,
  ],
  [
    'mobile',
    'android',
    'chrome',
    `Mozilla/5.0 (Linux; Android 8.1.0; ZC554KL) ${webkit} Chrome/98.0.4758.87 Mobile Safari/537.36`,
  ],
  [
    'mobile',
    'android',
    'samsung',
    `Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-S911B) ${webkit} SamsungBrowser/20.0 Chrome/106.0.5249.126 Mobile Safari/537.36`,
  ],
  [
    'mobile',
    'android',
    'firefox',
    'Mozilla/5.0 (Android 14; Mobile; rv:124.0) Gecko/124.0 Firefox/124.0',
  ],
  [
    'mobile',
    'android',
    'edge',
    `Mozilla/5.0 (Linux; Android 10; K) ${webkit} Chrome/122.0.0.0 Mobile Safari/537.36 EdgA/122.0.0.0`,
  ],
  [
    'mobile',
    'android',
    'opera',
    'Opera/9.80 (Android; Opera Mini/36.2.2254/119.132; U; id) Presto/2.12.423 Version/12.16',
  ],
  [
    'mobile',
    'android',
    'other',
    'Mozilla/5.0 (Linux; U; Android 4.1.1; en-us; VT75C Build/JRO03H) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30',
  ],
  [
    'mobile',
    'android',
    'other',
    'Dalvik/2.1.0 (Linux; U; Android 13; Pixel 7 Build/TQ3A.230805.001)',
  ],
  [
    'mobile',
    'ios',
    'safari',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1',
  ],
  [
    'mobile',
    'ios',
    'chrome',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/123.0.6312.52 Mobile/15E148 Safari/604.1',
  ],
  [
    'mobile',
    'ios',
    'firefox',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 14_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/124.0 Mobile/15E148 Safari/605.1.15',
  ],
  [
    'mobile',
    'ios',
    'other',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148',
  ],
  [
    'mobile',
    'windows',
    'edge',
    `Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) ${webkit} Chrome/52.0.2743.116 Mobile Safari/537.36 Edge/15.15063`,
  ],
  [
    'mobile',
    'kaios',
    'firefox',
    'Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5',
  ],
  [
    'tablet',
    'ios',
    'safari',
    'Mozilla/5.0 (iPad; CPU OS 12_5_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1',
  ],
  [
    'tablet',
    'android',
    'chrome',
    `Mozilla/5.0 (Linux; Android 10; K) ${webkit} Chrome/143.0.0.0 Safari/537.36`,
  ],
  [
    'tablet',
    'android',
    'chrome',
    `Mozilla/5.0 (Linux; Android 6.0; Pluri_Q8 Build/MRA58K) ${webkit} Chrome/68.0.3440.91 Safari/537.36`,
  ],
  [
    'tablet',
    'android',
    'firefox',
    'Mozilla/5.0 (Android 13; Tablet; rv:109.0) Gecko/114.0 Firefox/114.0',
  ],
  [
    'tablet',
    'android',
    'silk',
    `Mozilla/5.0 (Linux; Android 5.1.1; KFFOWI Build/LVY48F) ${webkit} Silk/59.3.1 like Chrome/59.0.3071.117 Safari/537.36`,
  ],
  [
    'tv',
    'tizen',
    'other',
    `Mozilla/5.0 (SMART-TV; LINUX; Tizen 5.0) ${webkit} Version/5.0 TV Safari/537.36`,
  ],
  [
    'tv',
    'webos',
    'chrome',
    `Mozilla/5.0 (Web0S; Linux/SmartTV) ${webkit} Chrome/79.0.3945.79 Safari/537.36 WebAppManager`,
  ],
  [
    'tv',
    'android',
    'chrome',
    'Mozilla/5.0 (Linux; Android 4.2.2; AFTB Build/JDQ39) AppleWebKit/537.22 (KHTML, like Gecko) Chrome/25.0.1364.173 Mobile Safari/537.22',
  ],
  [
    'tv',
    'android',
    'chrome',
    `Mozilla/5.0 (Linux; Android 9; KM9_TV_BOX) ${webkit} Chrome/76.0.3809.111 Safari/537.36`,
  ],
  [
    'tv',
    'linux',
    'opera',
    'Opera/9.80 (Linux sh4 ; U; HBBTV/1.0 (; LOH/1.00; -----;;;) CE-HTML/1.0 Config(L:de,CC:AT); en) Presto/2.5.21 Version/10.30',
  ],
  [
    'tv',
    'windows',
    'ie',
    'Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0; Xbox; Xbox One)',
  ],
  [
    'tv',
    'other',
    'other',
    'Mozilla/5.0 (PlayStation 4 1.52) AppleWebKit/536.26 (KHTML, like Gecko)',
  ],
  [
    'tv',
    'other',
    'other',
    'Mozilla/5.0 (Nintendo WiiU) AppleWebKit/534.52 (KHTML, like Gecko) NX/2.1.0.8.21 NintendoBrowser/1.0.0.7494.US',
  ],
  ['other', 'other', 'other', 'Mozilla/5.0 (Nintendo 3DS; U; ; en) Version/1.7498.EU'],
  [
    'bot',
    'other',
    'other',
    'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  ],
  [
    'bot',
    'android',
    'chrome',
    `Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) ${webkit} Chrome/143.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)`,
  ],
  [
    'bot',
    'other',
    'other',
    'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
  ],
  [
    'bot',
    'other',
    'other',
    'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
  ],
  ['bot', 'other', 'other', 'Twitterbot/1.0'],
  [
    'bot',
    'linux',
    'chrome',
    `Mozilla/5.0 (X11; Linux x86_64) ${webkit} HeadlessChrome/120.0.0.0 Safari/537.36`,
  ],
  ['bot', 'other', 'other', 'kube-probe/1.28'],
  ['other', 'other', 'other', 'curl/7.64.1'],
  ['other', 'other', 'other', 'Wget/1.21.3'],
  ['other', 'other', 'other', 'python-requests/2.31.0'],
  ['other', 'other', 'other', 'Go-http-client/1.1'],
  ['other', 'other', 'other', 'okhttp/4.9.0'],
  ['other', 'other', 'other', 'PostmanRuntime/7.26.5'],
  ['other', 'other', 'other', 'ShopApp/1.9.2'],
  ['other', 'other', 'other', 'ShopApp/12 CFNetwork/1410.0.3 Darwin/22.6.0'],
  ['other', 'other', 'other', 'NetThing/3.1 (Haiku R1; x86_64) Engine/2.0 Strange/1.1'],
  ['other', 'other', 'other', ''],
];

test('what a User-Agent says', async (t) => {
  for (const [device, os, browser, text] of clients) {
    t.test(`${device}, ${os}, ${browser}: ${text}`, async (t) => {
      t.strictSame(userAgentVerdict(text), { device, os, browser });
    });
  }
  t.test('none at all is other', async (t) => {
    t.strictSame(userAgentVerdict(undefined), { device: 'other', os: 'other', browser: 'other' });
  });
});

test('known not to work: an iPad that asks for desktop pages is a Mac', async (t) => {
  // iPadOS 13 and later, Safari's default; the same text as a Mac's.
  const iPad =
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.0 Safari/605.1.15';
  t.strictSame(userAgentVerdict(iPad), { device: 'desktop', os: 'macos', browser: 'safari' });
});

test('client hints come before the User-Agent', async (t) => {
  const chrome = `Mozilla/5.0 (X11; Linux x86_64) ${webkit} Chrome/143.0.0.0 Safari/537.36`;
  const crawler = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
  const fireTv = `Mozilla/5.0 (Linux; Android 9; AFTKA) ${webkit} Silk/98.1 like Chrome/98.0.4758.101 Safari/537.36`;
  const brands = '" Not A;Brand";v="99", "Chromium";v="98", ';
  const cases: readonly {
    readonly when: When;
    readonly headers: Record<string, string>;
    readonly because: string;
  }[] = [
    {
      when: { device: ['mobile'] },
      headers: { 'user-agent': chrome, 'sec-ch-ua-mobile': '?1' },
      because: 'a phone that shows desktop pages says so',
    },
    {
      when: { device: ['tablet'] },
      headers: {
        'user-agent': chrome,
        'sec-ch-ua-mobile': '?0',
        'sec-ch-ua-platform': '"Android"',
      },
      because: 'Android and no phone is a tablet',
    },
    {
      when: { device: ['desktop'] },
      headers: {
        'user-agent': chrome,
        'sec-ch-ua-mobile': '?0',
        'sec-ch-ua-platform': '"Windows"',
      },
      because: 'Windows is a desktop',
    },
    {
      when: { device: ['desktop'] },
      headers: { 'user-agent': chrome, 'sec-ch-ua-mobile': '?0' },
      because: 'without a platform the User-Agent counts',
    },
    {
      when: { device: ['desktop'] },
      headers: { 'user-agent': chrome, 'sec-ch-ua-mobile': 'nonsense' },
      because: 'a hint that is none does not count',
    },
    {
      when: { device: ['bot'] },
      headers: { 'user-agent': crawler, 'sec-ch-ua-mobile': '?1' },
      because: 'a crawler stays a crawler',
    },
    {
      when: { device: ['tv'] },
      headers: {
        'user-agent': fireTv,
        'sec-ch-ua-mobile': '?0',
        'sec-ch-ua-platform': '"Android"',
      },
      because: 'hints know no televisions',
    },
    {
      when: { device: ['mobile'] },
      headers: { 'sec-ch-ua-mobile': '?1' },
      because: 'hints need no User-Agent',
    },
    {
      when: { os: ['android'] },
      headers: { 'user-agent': chrome, 'sec-ch-ua-platform': '"Android"' },
      because: 'the platform names the system',
    },
    {
      when: { os: ['linux'] },
      headers: { 'user-agent': chrome, 'sec-ch-ua-platform': '"Unknown"' },
      because: 'an unknown platform names none',
    },
    {
      when: { browser: ['brave'] },
      headers: { 'user-agent': chrome, 'sec-ch-ua': `${brands}"Brave";v="98"` },
      because: 'only the brands tell Brave',
    },
    {
      when: { browser: ['edge'] },
      headers: { 'user-agent': chrome, 'sec-ch-ua': `${brands}"Microsoft Edge";v="98"` },
      because: 'the brand is Edge',
    },
    {
      when: { browser: ['opera'] },
      headers: { 'sec-ch-ua': `${brands}"Opera";v="82", "OperaMobile";v="67"` },
      because: 'the brand is Opera',
    },
    {
      when: { browser: ['yandex'] },
      headers: { 'sec-ch-ua': `${brands}"Yandex";v="22"` },
      because: 'the brand is Yandex',
    },
    {
      when: { browser: ['chrome'] },
      headers: { 'user-agent': chrome, 'sec-ch-ua': '"Chromium";v="98"' },
      because: 'Chromium alone leaves it to the User-Agent',
    },
  ];
  for (const { when, headers, because } of cases) {
    t.test(`${JSON.stringify(when)}: ${because}`, async (t) => {
      t.ok(compileWhen(when)(facts({ headers })));
    });
  }
});

test('the memory for verdicts is bounded', async (t) => {
  t.test('by their number', async (t) => {
    for (let i = 0; i < maxRememberedVerdicts + 100; i += 1) userAgentVerdict(`ShopApp/1.${i}`);
    t.equal(rememberedVerdicts(), maxRememberedVerdicts);
  });
  t.test('by their length: longer texts are judged anew', async (t) => {
    const before = userAgentVerdict(`ShopApp/1.${maxRememberedVerdicts + 99}`);
    const long = `Mozilla/5.0 (iPhone) ${'x'.repeat(maxRememberedBytes)}`;
    t.not(userAgentVerdict(long), userAgentVerdict(long));
    t.equal(userAgentVerdict(long).device, 'mobile');
    t.equal(userAgentVerdict(`ShopApp/1.${maxRememberedVerdicts + 99}`), before);
  });
  t.test('and of a very long one only the beginning is read', async (t) => {
    t.equal(userAgentVerdict(`${'x'.repeat(maxReadBytes)} iPhone`).os, 'other');
  });
});
