import * as z from 'zod';
import { mustBe, mustHave } from '#core/conditions/expectation';
import { editedName, fieldValue, ownOfRequests, ownOfResponses } from '#core/routing/edited-fields';
import type { HeaderEdits, HeaderRules } from '#core/routing/rules';

function editsSchema(forbidden: ReadonlySet<string>) {
  const name = editedName(forbidden, 'rewrite.host');
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
