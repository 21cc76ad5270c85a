/** What an `up` costs that declares nothing. */
export const nothing = true;
