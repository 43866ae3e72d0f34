import * as z from 'zod';
import { bestLanguage } from './best-language.ts';
import { mustBe } from './expectation.ts';
import { oneOrMore } from './one-or-more.ts';
import type { Part } from './part.ts';

const isLanguage = mustBe('TN2020', 'a language such as zh or zh-CN');
const languageTag = z
  .string({ error: isLanguage })
  .regex(/^[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*$/, { error: isLanguage });

/** The language a client likes best: `zh` holds for `zh-CN`, `zh-CN` not for `zh`. */
export const language: Part<readonly string[]> = {
  schema: oneOrMore(languageTag, isLanguage),
  compile: (tags) => {
    const wanted = tags.map((tag) => tag.toLowerCase());
    return (facts) => {
      const best = bestLanguage(facts.header('accept-language'));
      return best !== undefined && wanted.some((tag) => isWithin(best, tag));
    };
  },
  explain: (tags, facts) => {
    const best = bestLanguage(facts.header('accept-language'));
    const seen = best === undefined ? 'no language' : `language ${best}`;
    return [{ part: 'language', holds: language.compile(tags)(facts), seen }];
  },
};

const hyphen = 0x2d;

function isWithin(tag: string, wanted: string): boolean {
  if (!tag.startsWith(wanted)) return false;
  return tag.length === wanted.length || tag.charCodeAt(wanted.length) === hyphen;
}
