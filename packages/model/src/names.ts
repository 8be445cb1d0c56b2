import { z } from 'zod'

/** A DNS label (RFC 1123), the form of names that become namespaces, releases and label values. */
export const dnsLabel = (longest = 63) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(
      /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
      'must be lower-case letters, digits and "-", starting and ending with a letter or digit',
    )

/** A DNS subdomain (RFC 1123), the form of most object names. */
export const dnsSubdomain = () =>
  z
    .string()
    .min(1)
    .max(253)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, 'must be a DNS name in lower case')
