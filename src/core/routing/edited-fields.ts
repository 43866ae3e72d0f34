import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';
import { fieldName } from '#core/conditions/field-name';

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
export const ownOfRequests: ReadonlySet<string> = new Set([...own, 'host', 'expect']);
export const ownOfResponses: ReadonlySet<string> = new Set(own);

const isValue = 'text without line breaks and control characters, and without spaces around it';
/** What a document may write into a header. */
export const fieldValue = z
  .string({ error: mustBe('TN2001', 'text') })
  .max(4_096, { error: mustBe('TN2012', 'text of at most 4096 characters') })
  .regex(/^(?!\s)[\t -~\u0080-\u{10ffff}]*(?<!\s)$/u, { error: mustBe('TN2012', isValue) });

/** The name of a header that a document may edit, in lower case. `setsHost`: what sets the host. */
export function editedName(forbidden: ReadonlySet<string>, setsHost: string): z.ZodType<string> {
  return fieldName.superRefine((text, context) => {
    if (!forbidden.has(text)) return;
    const hint = text === 'host' ? `${setsHost} sets the host` : undefined;
    const message = mustBe('TN2013', 'a header that Turnout does not write itself', hint);
    context.addIssue({ code: 'custom', message });
  });
}
