/**
 * Every code of the API's own beside its words, with its status. A code never changes its meaning and
 * is never used again once released. docs/reference/problems.md has a row for each.
 */
export const apiCodes = {
  TN4001: { status: 428, meaning: 'a change without If-Match' },
  TN4002: { status: 412, meaning: 'what is to be changed is not what was seen' },
  TN4003: { status: 422, meaning: 'a document that cannot be put in force' },
  TN4004: { status: 422, meaning: 'weights that the route cannot have' },
  TN4005: { status: 409, meaning: 'the rules come from Kubernetes and are changed there' },
  TN4006: { status: 409, meaning: 'a rollout that is under way has the weights' },
  TN4007: { status: 422, meaning: 'weights without a time limit, or with one out of range' },
  TN4008: { status: 409, meaning: 'there is no overlay to end' },
  TN4009: { status: 503, meaning: 'the rules file cannot be written' },
  TN4010: { status: 415, meaning: 'a document that is not sent as YAML' },
} as const satisfies Record<`TN4${number}`, { readonly status: number; readonly meaning: string }>;

export type ApiCode = keyof typeof apiCodes;
