# The pixel service: answers GET and HEAD of /event.gif and everything under /beacon/ with 204, whatever the query says, and
# logs it. No backend is asked. Read the log with Squall's varnish spout.
#
#   varnishd -f pixel.vcl -a :8080 -p vsl_reclen=4084
#
# vsl_reclen: queries carry the events, and Varnish cuts what it logs of a URL at 255 bytes unless it is told otherwise.
# For a VCL of your own, copy the two subroutines but for the end of the first.
vcl 4.1;

backend default none;

sub vcl_recv {
    if (req.url ~ "^/event\.gif(\?|$)" || req.url ~ "^/beacon/") {
        if (req.method != "GET" && req.method != "HEAD") {
            return (synth(405, "Method Not Allowed"));
        }
        return (synth(204, "No Content"));
    }
    # There is nothing else here.
    if (req.method != "GET" && req.method != "HEAD") {
        return (synth(405, "Method Not Allowed"));
    }
    return (synth(404, "Not Found"));
}

sub vcl_synth {
    if (resp.status == 204) {
        # A browser that kept the answer would not ask again, and the event would be lost.
        set resp.http.Cache-Control = "no-store";
        # Pages of any site may send events.
        set resp.http.Access-Control-Allow-Origin = "*";
        synthetic("");
        return (deliver);
    }
    if (resp.status == 405) {
        set resp.http.Allow = "GET, HEAD";
        synthetic("");
        return (deliver);
    }
}
