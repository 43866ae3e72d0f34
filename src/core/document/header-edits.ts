import * as z from 'zod';
import { mustBe, mustHave } from '#core/conditions/expectation';
import { fieldName } from '#core/conditions/field-name';
import type { HeaderEdits, HeaderRules } from '#core/routing/rules';

/** Say how a message is framed, or end at the next hop: Turnout writes them itself. */
const own: readonly string[] = [
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];
const ownOfRequests: ReadonlySet<string> = new Set([...own, 'host', 'expect']);
const ownOfResponses: ReadonlySet<string> = new Set(own);

const isValue = 'text without line breaks and control characters, and without spaces around it';
const fieldValue = z
  .string({ error: mustBe('TN2001', 'text') })
  .max(4_096, { error: mustBe('TN2012', 'text of at most 4096 characters') })
  .regex(/^(?!\s)[\t -~\u0080-\u{10ffff}]*(?<!\s)$/u, { error: mustBe('TN2012', isValue) });

function editsSchema(forbidden: ReadonlySet<string>) {
  const name = fieldName.superRefine((text, context) => {
    if (!forbidden.has(text)) return;
    const hint = text === 'host' ? 'rewrite.host sets the host' : undefined;
    const message = mustBe('TN2013', 'a header that Turnout does not write itself', hint);
    context.addIssue({ code: 'custom', message });
  });
  const values = z.record(name, fieldValue, {
    error: mustBe('TN2001', 'a mapping of header names to text'),
  });
  return z
    .strictObject(
      {
        set: values.optional().describe('Replaces the header, or adds it where there is none.'),
        add: values.optional().describe('Adds a line beside those that are there.'),
        remove: z
          .array(name, { error: mustBe('TN2001', 'a list of header names') })
          .optional()
          .describe('Takes the header away. Comes first.'),
      },
      { error: mustBe('TN2001', 'a mapping of set, add, remove') },
    )
    .refine((edits) => Object.keys(edits).length > 0, {
      error: mustHave('TN2003', 'at least one of set, add, remove'),
    })
    .transform(({ set = {}, add = {}, remove = [] }): HeaderEdits => ({ set, add, remove }));
}

/** What is done to the fields of a request on its way up, and of a response on its way down. */
export const headerRules = z
  .strictObject(
    {
      request: editsSchema(ownOfRequests).optional().describe('On the way to the version.'),
      response: editsSchema(ownOfResponses).optional().describe('On the way to the client.'),
    },
    { error: mustBe('TN2001', 'a mapping of request, response') },
  )
  .refine((rules) => Object.keys(rules).length > 0, {
    error: mustHave('TN2003', 'at least one of request, response'),
  })
  .transform(({ request, response }): HeaderRules => ({ request, response }));
