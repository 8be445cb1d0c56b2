/** The shape of a dictionary, with its words free: what every other language has to fill. */
export type Widen<T> = T extends string
  ? string
  : T extends (...input: infer Input) => string
    ? (...input: Input) => string
    : { readonly [Key in keyof T]: Widen<T[Key]> }
