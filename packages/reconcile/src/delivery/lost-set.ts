/** Code of the finding that what a Delivery is to have is stored no longer, where it is not rendered again by itself. */
export const lostSet = 'delivery.set_lost'
