/** Key of the method that makes a reply a failure of a kind. Scripts cannot reach it. */
export const FAIL: unique symbol = Symbol("fail");
