import * as z from 'zod';
import { mustBe, mustHave } from '#core/conditions/expectation';
import { isHostName } from '#core/conditions/host-pattern';
import { pathText } from '#core/conditions/path';
import { editedName, fieldValue, ownOfRequests, ownOfResponses } from '#core/routing/edited-fields';
import { maybe } from './maybe.ts';
import { objectReference, portNumber } from './object-reference.ts';

const text = z.string({ error: mustBe('TN2001', 'text') });

function headerModifier(forbidden: ReadonlySet<string>) {
  const name = editedName(forbidden, 'the filter URLRewrite');
  const headers = z.array(
    z.strictObject(
      { name, value: fieldValue },
      { error: mustBe('TN2001', 'a mapping of name, value') },
    ),
    { error: mustBe('TN2001', 'a list of {name, value}') },
  );
  return z.strictObject(
    {
      set: maybe(headers),
      add: maybe(headers),
      remove: maybe(z.array(name, { error: mustBe('TN2001', 'a list of header names') })),
    },
    { error: mustBe('TN2001', 'a mapping of set, add, remove') },
  );
}
export type HeaderModifier = z.output<ReturnType<typeof headerModifier>>;

const isPrefix = mustBe('TN2016', 'a path that begins with "/", or an empty text');
const modifierTypes = ['ReplaceFullPath', 'ReplacePrefixMatch'] as const;
const pathModifier = z
  .strictObject(
    {
      type: z.enum(modifierTypes, {
        error: mustBe('TN2006', `one of ${modifierTypes.join(', ')}`),
      }),
      replaceFullPath: maybe(pathText),
      // An empty text takes the prefix away, as '/' does.
      replacePrefixMatch: maybe(z.union([z.literal(''), pathText], { error: isPrefix })),
    },
    { error: mustBe('TN2001', 'a mapping of type, replaceFullPath or replacePrefixMatch') },
  )
  .superRefine(({ type, replaceFullPath, replacePrefixMatch }, context) => {
    const isFull = type === 'ReplaceFullPath';
    const [key, other] = isFull
      ? ['replaceFullPath', 'replacePrefixMatch']
      : ['replacePrefixMatch', 'replaceFullPath'];
    const value = isFull ? replaceFullPath : replacePrefixMatch;
    const stray = isFull ? replacePrefixMatch : replaceFullPath;
    if (value !== undefined && stray === undefined) return;
    const message = mustHave('TN2003', `${key} and not ${other}: its type is ${type}`);
    context.addIssue({ code: 'custom', message });
  });
export type PathModifier = z.output<typeof pathModifier>;

const isHost = mustBe('TN2015', 'a host name such as shop.example.com');
const hostname = text.refine(isHostName, { error: isHost }).transform((name) => name.toLowerCase());

const isScheme = mustBe('TN2006', 'one of http, https');
const isStatus = mustBe('TN2006', 'one of 301, 302, 303, 307, 308');
const redirect = z.strictObject(
  {
    scheme: maybe(z.enum(['http', 'https'], { error: isScheme })),
    hostname: maybe(hostname),
    path: maybe(pathModifier),
    port: maybe(portNumber),
    statusCode: maybe(z.literal([301, 302, 303, 307, 308], { error: isStatus })),
  },
  { error: mustBe('TN2001', 'a mapping of scheme, hostname, path, port, statusCode') },
);
export type RequestRedirect = z.output<typeof redirect>;

const rewrite = z.strictObject(
  { hostname: maybe(hostname), path: maybe(pathModifier) },
  { error: mustBe('TN2001', 'a mapping of hostname, path') },
);
export type UrlRewrite = z.output<typeof rewrite>;

const isPart = mustBe('TN2010', 'a whole number from 0');
const isWhole = mustBe('TN2010', 'a whole number from 1');
const isPercent = mustBe('TN2010', 'a whole number from 0 to 100');
const percent = z
  .number({ error: isPercent })
  .int({ error: isPercent })
  .min(0, { error: isPercent })
  .max(100, { error: isPercent });
const fraction = z
  .strictObject(
    {
      numerator: z.number({ error: isPart }).int({ error: isPart }).min(0, { error: isPart }),
      denominator: maybe(
        z.number({ error: isWhole }).int({ error: isWhole }).min(1, { error: isWhole }),
      ),
    },
    { error: mustBe('TN2001', 'a mapping of numerator, denominator') },
  )
  .refine(({ numerator, denominator = 100 }) => numerator <= denominator, {
    error: mustHave('TN2003', 'a numerator that is not larger than its denominator'),
  });
const mirror = z
  .strictObject(
    {
      backendRef: z.strictObject(objectReference, {
        error: mustBe('TN2001', 'a mapping of name, port'),
      }),
      percent: maybe(percent),
      fraction: maybe(fraction),
    },
    { error: mustBe('TN2001', 'a mapping of backendRef, percent or fraction') },
  )
  .refine((rule) => rule.percent === undefined || rule.fraction === undefined, {
    error: mustHave('TN2003', 'only one of percent, fraction'),
  });
export type RequestMirror = z.output<typeof mirror>;

/** The key of each filter that is supported, by its type. */
export const filterKeys = {
  RequestHeaderModifier: 'requestHeaderModifier',
  ResponseHeaderModifier: 'responseHeaderModifier',
  RequestRedirect: 'requestRedirect',
  URLRewrite: 'urlRewrite',
  RequestMirror: 'requestMirror',
} as const;
export type FilterType = keyof typeof filterKeys;

/** Filters that Gateway API has and this proxy does not. */
export const refusedFilters = {
  CORS: 'cors',
  ExternalAuth: 'externalAuth',
  ExtensionRef: 'extensionRef',
} as const;
export type RefusedFilter = keyof typeof refusedFilters;

const keys: Readonly<Record<FilterType | RefusedFilter, string>> = {
  ...filterKeys,
  ...refusedFilters,
};
// Object.keys says no more than string[].
const types = Object.keys(keys) as (FilterType | RefusedFilter)[];

/** A filter: its type, and the key that belongs to it. */
export const filterSchema = z
  .strictObject(
    {
      type: z.enum(types, { error: mustBe('TN2006', `one of ${types.join(', ')}`) }),
      requestHeaderModifier: maybe(headerModifier(ownOfRequests)),
      responseHeaderModifier: maybe(headerModifier(ownOfResponses)),
      requestRedirect: maybe(redirect),
      urlRewrite: maybe(rewrite),
      requestMirror: maybe(mirror),
      cors: z.unknown().optional(),
      externalAuth: z.unknown().optional(),
      extensionRef: z.unknown().optional(),
    },
    { error: mustBe('TN2001', 'a mapping: a filter') },
  )
  .superRefine((filter, context) => {
    const wanted = keys[filter.type];
    const present = Object.entries(filter).filter(
      ([key, value]) => key !== 'type' && value !== undefined && value !== null,
    );
    if (present.length === 1 && present[0]?.[0] === wanted) return;
    const message = mustHave('TN2003', `${wanted} and no other: its type is ${filter.type}`);
    context.addIssue({ code: 'custom', message });
  });
export type Filter = z.output<typeof filterSchema>;
