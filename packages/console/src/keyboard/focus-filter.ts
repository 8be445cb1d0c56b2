/** Puts the cursor into the filter of the page, if it has one. */
export function focusFilter(): void {
  const filter = document.querySelector<HTMLInputElement>('[data-filter] input, input[data-filter]')
  filter?.focus()
  filter?.select()
}
