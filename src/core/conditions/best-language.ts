/**
 * Returns the language a client likes best, in lower case: the highest quality of
 * Accept-Language, the first of those that are equal. `*` and quality 0 count for nothing.
 */
export function bestLanguage(acceptLanguage: string | undefined): string | undefined {
  if (acceptLanguage === undefined) return undefined;
  let best: string | undefined;
  let bestQuality = 0;
  for (const [, tag = '', quality = '1'] of acceptLanguage.matchAll(range)) {
    if (Number(quality) > bestQuality) {
      best = tag.toLowerCase();
      bestQuality = Number(quality);
    }
  }
  return best;
}

/** One range of RFC 9110 section 12.5.4 between its commas. Whatever else stands there is left out. */
const range =
  /(?<=^|,)[ \t]*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)[ \t]*(?:;[ \t]*[qQ]=([01](?:\.\d{0,3})?)[ \t]*)?(?=,|$)/g;
