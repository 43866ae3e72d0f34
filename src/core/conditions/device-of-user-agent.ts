import { isbot } from 'isbot';
import type { Device } from './when.ts';

/**
 * Returns what kind of device a User-Agent speaks for.
 *
 * The order matters: televisions and tablets say what phones say, and most crawlers say what
 * they imitate. An iPad that asks for desktop pages (the default since iPadOS 13) says what a
 * Mac says, and is a desktop here.
 */
export function deviceOfUserAgent(userAgent: string): Device {
  if (userAgent === '' || isProgram(userAgent)) return 'other';
  if (isbot(userAgent)) return 'bot';
  for (const [pattern, device] of patterns) if (pattern.test(userAgent)) return device;
  return 'other';
}

const patterns: readonly (readonly [RegExp, Device])[] = [
  [/PlayStation (?:Vita|Portable)|Nintendo (?:3DS|DS)/i, 'other'],
  [
    /smart-?tv|(?<![a-z])D?TV(?![a-z])|HbbTV|NetCast|Web0S|webOS\.TV|VIERA|BRAVIA|GoogleTV|Apple ?TV|CrKey|\bRoku|PlayStation|Xbox|Nintendo|PhilipsTV|\bAFT[A-Z0-9]{1,8}\b|\bMiTV|\bMIBOX/i,
    'tv',
  ],
  [/iPad|Tablet(?! PC)|Kindle|PlayBook|\bKF[A-Z]{2,6}\b|Silk\/(?!.*Mobile)/i, 'tablet'],
  [/iPhone|iPod|Windows Phone|IEMobile|BlackBerry|BB10|Opera M(?:ini|obi)|KAIOS/i, 'mobile'],
  [/Symbian|Series[46]0|\bMobile\b|\bDalvik\//i, 'mobile'],
  [/Android/i, 'tablet'],
  [/CFNetwork\//, 'other'],
  [/Windows|Macintosh|Mac OS X|X11|CrOS|Linux/i, 'desktop'],
];

/** What a library or a command line tool says of itself, and not somebody's browser. */
const libraries =
  /^(?:curl|libcurl|wget|httpie|xh|okhttp|python|aiohttp|python-httpx|go-http-client|axios|node|node-fetch|undici|got|deno|bun|java|apache-httpclient|jakarta|ruby|faraday|php|guzzlehttp|symfony|libwww-perl|lwp|dart|reqwest|hyper|ureq|postmanruntime|insomnia|bruno|k6|vegeta|hey|oha|wrk|apachebench|jmeter|gatling|powershell|restsharp|grpc)\b/i;
/** An app that says its own name and nothing else. */
const bareProduct = /^[A-Za-z][\w.-]{0,63}\/v?\d[\w.+-]{0,31}$/;
const robotWords =
  /bot|crawl|spider|slurp|fetch|prob|check|monitor|scan|preview|archive|external|feed|whatsapp|facebook|pingdom/i;

function isProgram(userAgent: string): boolean {
  if (libraries.test(userAgent)) return !robotWords.test(userAgent);
  return bareProduct.test(userAgent) && !robotWords.test(userAgent);
}
