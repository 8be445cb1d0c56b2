/** Nothing that is read as something else: no 0 and o, no 1, i and l, no u and v. */
const letters = 'abcdefghjkmnpqrstwxyz23456789'
const groups = 5
const groupLength = 4

/** A password to hand to somebody: 20 letters and digits (97 bits) in groups that are read out with ease. */
export function generatePassword(): string {
  const whole = Math.floor(256 / letters.length) * letters.length
  let text = ''
  while (text.length < groups * groupLength) {
    for (const byte of crypto.getRandomValues(new Uint8Array(64))) {
      // what is beyond the last whole turn would make some letters likelier
      if (byte < whole && text.length < groups * groupLength) text += letters[byte % letters.length] ?? ''
    }
  }
  return Array.from({ length: groups }, (_, at) => text.slice(at * groupLength, (at + 1) * groupLength)).join('-')
}
