/** An application that no service of the file is: whoever evaluates the file looks it up. */
export class Elsewhere {
  constructor(
    readonly uniqueName: string,
    /** What names it, as in `tutum.yml:3:11: web.links[0]`. */
    readonly place: string,
    /** The account of what links to it. */
    readonly account?: string,
  ) {}
}
