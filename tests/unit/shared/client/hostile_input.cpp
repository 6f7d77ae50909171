#include "shared/base/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/shared/client/scripted_hub.hpp"

/// What no page and no server of ours says. The client stays itself, and says nothing for which a server
/// would cut it.
namespace parley::testing {

TEST_CASE("a key that no server takes is refused before it is sent") {
    device d;
    d.be_in_general();
    d.forget();
    intended list;
    list.kind = intended::what::list_rooms;
    list.text = std::string(limits::request_key_bytes + 1, 'k');
    CHECK(d.intend(list).code == errc::too_large);
    list.text = "\xff";
    CHECK(d.intend(list).code == errc::bad_text);
    CHECK(d.sent<wire::request>().empty());
    list.text = "fine";
    CHECK(d.intend(list).code == errc::none);
    CHECK(d.sent<wire::request>().size() == 1);
}

TEST_CASE("a server's key that it would not take back ends the list of members") {
    device d;
    d.be_in_general();
    d.forget();
    intended list;
    list.kind = intended::what::list_members;
    list.room = general;
    d.intend(list);
    wire::reply reply;
    reply.request = d.sent<wire::request>().at(0).id;
    reply.w = 2;
    reply.members.push_back({ann, "ann", 1});
    reply.more = true;
    reply.key = std::string(limits::request_key_bytes + 1, 'k');
    d.hub(reply);
    CHECK(d.sent<wire::request>().size() == 1);
    REQUIRE(d.core.members(general));
    CHECK(d.core.members(general)->size() == 1);
}

}  // namespace parley::testing
