/** The method of a reply that makes it a failure of the kind that it is given; no word of scripts. */
export const FAIL: unique symbol = Symbol("fail");
