/** What is said after the name of a hook that migrates when nobody knows how it ended. */
export const uncertainHookText = 'ended and nobody knows how (find out, then say so: flotilla hook resolve)'

/** Name of the hook that such a message of a delivery is about, of which a person has to say how it ended. */
export function findUncertainHook(message: string | undefined): string | undefined {
  if (message?.includes(uncertainHookText) !== true) return undefined
  return /\bhook (\S+) \([^()]*\) ended and nobody knows how/.exec(message)?.[1]
}
