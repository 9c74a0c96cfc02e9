/** Up to 15 digits and a power of ten up to 22 are exact as doubles, so their quotient is rounded once, like the result of a full parser. */
export const MAX_EXACT_DIGITS = 15;
export const POWERS = Float64Array.from({ length: 23 }, (_, i) => 10 ** i);
