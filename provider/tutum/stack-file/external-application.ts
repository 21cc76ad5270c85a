/** An application outside the stack file, looked up when the file is evaluated. */
export class ExternalApplication {
  constructor(
    readonly uniqueName: string,
    /** The place that names it: `tutum.yml:3:11: web.links[0]`. */
    readonly place: string,
    /** The account of the application that links to it. */
    readonly account?: string,
  ) {}
}
