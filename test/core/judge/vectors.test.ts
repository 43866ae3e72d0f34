import { readFileSync } from 'node:fs';
import { test } from 'tap';
import { benjaminiHochberg, bonferroni, holm } from '#core/experiment/adjust';
import { alwaysValid } from '#core/experiment/always-valid';
import { chanceToBeat } from '#core/experiment/chance-to-beat';
import { combinePhases } from '#core/experiment/combine-phases';
import { difference, estimate, lift } from '#core/experiment/estimate';
import { expectedLoss, posterior } from '#core/experiment/posterior';
import { sampleSize, sampleSizeFromBaseline } from '#core/experiment/sample-size';
import { type Tested, welch } from '#core/experiment/welch';
import { bernoulliBounds } from '#core/judge/bernoulli-sequence';
import { betaBinomialBound, betaBinomialLogE } from '#core/judge/beta-binomial';
import {
  halfWidth,
  halfWidthOneSided,
  sequenceLogE,
  sequenceP,
} from '#core/judge/confidence-sequence';
import { combineEvidence, logEvidence } from '#core/judge/evidence';
import { logIncompleteBeta } from '#core/judge/incomplete-beta';
import { logIncompleteGamma } from '#core/judge/incomplete-gamma';
import { neededTicks } from '#core/judge/needed-ticks';
import { negligibleLogE } from '#core/judge/negligible';
import { logNormalUpperTail, normalUpperTail } from '#core/judge/normal';
import { probabilitySlower } from '#core/judge/probability-slower';
import {
  addSighting,
  newSampleRatio,
  sampleRatioChiSquareP,
  sampleRatioP,
} from '#core/judge/sample-ratio';
import { type Slice, slicePass, sliceRatio } from '#core/judge/slices';
import { studentQuantile } from '#core/judge/student-t';

// One vector is one call: sources stand in the file. Tolerances are as it says: a number agrees
// where |got - expected| <= tolerance * max(1, |expected|).

// biome-ignore lint/suspicious/noExplicitAny: inputs differ by kind; each function below knows its own
type Input = any;

interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly need: 'core' | 'optional';
  readonly input: Input;
  readonly expected: Readonly<Record<string, unknown>>;
  readonly tolerance: number;
}

const file = new URL('../../vectors/statistics.json', import.meta.url);
const { vectors, count } = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly vectors: readonly Vector[];
  readonly count: number;
};

/** These are among test/vectors/assignment.json, which test/core/routing runs. */
const elsewhere = [
  'murmur3_32',
  'weighted_rendezvous',
  'weighted_rendezvous_counts',
  'weighted_rendezvous_score',
  'slice_of_unit',
];

/** Displays that there are none of yet. */
const notBuilt = [
  'empirical_process_lil_bound',
  'fisher_exact',
  'mann_whitney_u',
  'normal_mixture_best_rho_two_sided',
  'normal_mixture_one_sided',
  'normal_mixture_two_sided',
  'poly_stitching_bound',
  'quantile_difference_from_order_statistics_absolute',
  'sequential_quantile_ab_p_value',
  'two_proportion_chi_square_pooled_p_unpooled_ci',
  'beta_binomial_mixture_one_sided',
];

const estimateOf = (arm: Input) =>
  'successes' in arm
    ? estimate({ successes: arm.successes, n: arm.n })
    : estimate({ sum: arm.sum, sumSquares: arm.sum_squares, n: arm.n });

function twoArms(input: Input) {
  const [control, treatment] = [estimateOf(input.A), estimateOf(input.B)];
  const effect =
    input.relative === false ? difference(control, treatment) : lift(control, treatment);
  return { control, treatment, effect };
}

function ticksOf(ticks: readonly (readonly [number, number, number, number])[]) {
  return ticks.map(([xc, nc, xb, nb]) => ({
    failures: [xb, xc] as const,
    sizes: [nb, nc] as const,
  }));
}

const weighted = ({ weight, parts }: Input) => ({
  weight,
  logEs: parts.map(({ ticks, margin, grid }: Input) => logEvidence(ticksOf(ticks), margin, grid)),
});

const posteriorOf = (effect: Input, prior: Input) => {
  const got = posterior(effect, prior);
  return {
    expected: got.mean,
    sd: got.standardDeviation,
    ci: got.interval,
    chance_to_win: got.chanceToWin,
    risk: got.expectedLoss,
  };
};

const sampleRatios = (rows: readonly { readonly split: number[]; readonly counts: number[] }[]) => {
  let ratio = newSampleRatio;
  const got = rows.map(({ split, counts }) => {
    ratio = addSighting(ratio, split, counts);
    return ratio;
  });
  return { log_e: got.map(({ logE }) => logE), p: got.map(sampleRatioP) };
};

const functions: Readonly<Record<string, (input: Input) => Readonly<Record<string, unknown>>>> = {
  welch_t: (input: Input & { side: Tested }) => {
    const { control, treatment, effect } = twoArms(input);
    const got = welch(effect, control, treatment, input);
    return { effect: got.effect, se: got.standardError, ci: got.interval, p: got.p };
  },
  asymptotic_confidence_sequence: (input) => {
    const { control, treatment, effect } = twoArms(input);
    const units = control.n + treatment.n;
    const got = alwaysValid(effect, { ...input, units, horizon: input.tuning_N });
    return { effect: got.effect, se: got.standardError, ci: got.interval, p: got.p };
  },
  bayes_normal_relative: (input) => posteriorOf(twoArms(input).effect, input.prior),
  normal_posterior_summary: ({ effect, se, prior }) =>
    posteriorOf({ effect, standardError: se }, prior),
  expected_loss_normal: ({ mu, sigma }) => ({ risk: expectedLoss(mu, sigma) }),
  srm_chi_square: ({ counts, weights }) => ({ p: sampleRatioChiSquareP(counts, weights) }),
  holm_bonferroni: ({ p }) => ({ adjusted: holm(p) }),
  benjamini_hochberg: ({ p }) => ({ adjusted: benjaminiHochberg(p) }),
  bonferroni: ({ p }) => ({ adjusted: bonferroni(p) }),
  beta_binomial_mixture_two_sided: ({ s, v, v_opt, g, h, alpha_opt, alpha }) => {
    const mixture = { g, h, bestVariance: v_opt, bestAlpha: alpha_opt };
    return {
      log_e: betaBinomialLogE(mixture, s, v),
      bound: betaBinomialBound(mixture, v, alpha),
    };
  },
  bernoulli_confidence_sequence: ({ successes, n, alpha, t_opt }) => ({
    ci: bernoulliBounds({ successes, n, alpha, bestN: t_opt }),
  }),
  sample_size_two_proportions: ({ p1, p2, power, alpha, two_sided }) => ({
    n_per_group: sampleSize(p1, p2, { power, alpha, isTwoSided: two_sided }),
  }),
  sample_size_evan_miller: ({ baseline, mde_absolute, power, alpha }) => ({
    n_per_group: sampleSizeFromBaseline(baseline, mde_absolute, { power, alpha }),
  }),
  stratified_vs_pooled_risk_difference: ({ strata }) => {
    const share = (list: readonly (readonly [number, number])[]) =>
      list.reduce((sum, [x]) => sum + x, 0) / list.reduce((sum, [, n]) => sum + n, 0);
    return {
      pooled_C: share(strata.map(({ C }: Input) => C)),
      pooled_T: share(strata.map(({ T }: Input) => T)),
      per_stratum_diff: strata.map(
        ({ C, T }: Input) =>
          difference(estimate({ successes: C[0], n: C[1] }), estimate({ successes: T[0], n: T[1] }))
            .effect,
      ),
    };
  },
  sequential_srm_dirichlet_multinomial: ({ rows, expected_split }) =>
    sampleRatios(rows.map((counts: number[]) => ({ split: expected_split, counts }))),
  sequential_srm_phases: ({ rows }) => sampleRatios(rows),
  conditional_binomial_log_e: ({ ticks, margin, grid }) => ({
    log_e: logEvidence(ticksOf(ticks), margin, grid),
  }),
  combined_log_e: ({ metrics }) => {
    const parts = metrics.map(weighted);
    return {
      log_e: combineEvidence(parts),
      weighted_log_e: parts.map((part: Input) => combineEvidence([part])),
    };
  },
  beta_binomial_prob_B_beats_A_uniform_prior: ({ A, B }) => ({
    p: chanceToBeat({ successes: A[0], n: A[1] }, { successes: B[0], n: B[1] }),
  }),
  delta_method_ratio_of_sums: ({ per_user_events_and_requests }) =>
    sliceRatioOf(per_user_events_and_requests),
  slice_ratio: ({ slices }) => sliceRatioOf(slices),
  negligible_log_e: ({ failing, exposed, delta, grid_fractions }) => ({
    log_e: negligibleLogE(failing, exposed, delta, grid_fractions),
  }),
  ticks_still_needed: ({ rate_c, n_c, rate_b, n_b, margin, grid, log_e, alpha }) => ({
    ticks: neededTicks({
      rates: [rate_b, rate_c],
      sizes: [n_b, n_c],
      margin,
      grid,
      logE: log_e,
      alpha,
    }),
  }),
  confidence_sequence: ({ effect, se, n, alpha, tuning_N }) => {
    const sequence = { standardError: se, units: n, horizon: tuning_N, alpha };
    return {
      half_width: halfWidth(sequence),
      log_e: sequenceLogE(effect, sequence),
      p: sequenceP(effect, sequence),
      half_width_one_sided: halfWidthOneSided(sequence),
    };
  },
  slice_pass: ({ canary, stable, margin, beta, tuning_N, units }) => {
    const candidate = sliceRatio(canary);
    const got = slicePass({
      stable: sliceRatio(stable),
      candidate,
      margin,
      beta,
      units,
      horizon: tuning_N,
    });
    return {
      difference: got.difference,
      half_width: got.halfWidth,
      slices_with_failures: candidate.withEvents,
      passes: got.passes,
    };
  },
  slice_difference_and_lift: ({ treatment, control }) => {
    const arm = (slices: readonly Slice[]) => {
      const { ratio, variance } = sliceRatio(slices);
      return { mean: ratio, variance };
    };
    const absolute = difference(arm(control), arm(treatment));
    const relative = lift(arm(control), arm(treatment));
    return {
      difference: absolute.effect,
      se: absolute.standardError,
      relative: relative.effect,
      relative_se: relative.standardError,
    };
  },
  inverse_variance_combine: ({ strata }) => ({ ...combinePhases(strata) }),
  probability_slower_from_histograms: ({ canary_bins, stable_bins }) => ({
    p: probabilitySlower(stable_bins, canary_bins),
  }),
  regularised_incomplete_beta: ({ a, b, x }) => {
    const { logLower, logUpper } = logIncompleteBeta(a, b, x);
    return { lower: Math.exp(logLower), upper: Math.exp(logUpper) };
  },
  regularised_incomplete_gamma_log_upper: ({ a, x }) => ({
    log_upper: logIncompleteGamma(a, x).logUpper,
  }),
  student_t_quantile: ({ df, p }) => ({ t: studentQuantile(p, df) }),
  normal_upper_tail: ({ z }) => ({ p: normalUpperTail(z), log_p: logNormalUpperTail(z) }),
};

function sliceRatioOf(slices: readonly Slice[]) {
  const { ratio, variance } = sliceRatio(slices);
  return { ratio, variance };
}

function agrees(got: unknown, expected: unknown, tolerance: number): boolean {
  if (Array.isArray(expected)) {
    return (
      Array.isArray(got) &&
      got.length === expected.length &&
      expected.every((one, i) => agrees(got[i], one, tolerance))
    );
  }
  if (expected === '+inf') return got === Number.POSITIVE_INFINITY;
  if (expected === '-inf') return got === Number.NEGATIVE_INFINITY;
  if (expected === null) return got === undefined;
  if (typeof expected !== 'number' || typeof got !== 'number') return got === expected;
  return Math.abs(got - expected) <= tolerance * Math.max(1, Math.abs(expected));
}

test('the file has all of its vectors', async (t) => {
  t.equal(vectors.length, count);
});

for (const { id, kind, need, input, expected, tolerance } of vectors) {
  if (elsewhere.includes(kind)) continue;
  if (need === 'optional' && notBuilt.includes(kind)) continue;
  test(`${kind} agrees with ${id}`, async (t) => {
    const answer = functions[kind]?.(input);
    t.ok(answer, `there is a function for ${kind}`);
    for (const [key, value] of Object.entries(expected)) {
      const got = answer?.[key];
      t.ok(agrees(got, value, tolerance), `${key}: ${got} for ${value}`);
    }
  });
}
