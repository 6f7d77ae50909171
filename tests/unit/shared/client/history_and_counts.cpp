#include "tests/support/catch.hpp"
#include "tests/unit/shared/client/scripted_hub.hpp"

namespace parley::testing {

TEST_CASE("older pages extend what is held downwards, one at a time") {
    device d;
    d.start();
    d.show(general);
    d.greet({room_frame(general, "general", 60)});
    const auto asked = *d.subscribed(general);
    d.hub(wire::page{asked.request, general, 58, true, 1});
    d.hub(message_event(general, 59, bobs(59), "59"));
    d.hub(message_event(general, 60, bobs(60), "60"));
    d.hub_watermark(general, 60);
    d.answer(asked.request);
    intended more;
    more.kind = intended::what::load_older;
    more.room = general;
    d.intend(more);
    d.intend(more);
    const auto requests = d.sent<wire::request>();
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].before == 59);
    CHECK(d.core.room(general)->loading_older);
    d.hub(message_event(general, 57, bobs(57), "57"));
    d.hub(message_event(general, 58, bobs(58), "58"));
    CHECK(d.texts(general) == std::vector<std::string>{"59", "60"});
    wire::reply reply;
    reply.request = requests[0].id;
    reply.from = 56;
    reply.to = 58;
    reply.more = true;
    d.hub(reply);
    CHECK(d.texts(general) == std::vector<std::string>{"57", "58", "59", "60"});
    CHECK(d.core.room(general)->held_from == 56);
    CHECK_FALSE(d.core.room(general)->loading_older);
}

TEST_CASE("an older page that was asked for before leaving does not join what is held afterwards") {
    device d;
    d.start();
    d.show(general);
    d.greet({room_frame(general, "general", 60)});
    const auto asked = *d.subscribed(general);
    d.hub(wire::page{asked.request, general, 59, true, 1});
    d.hub(message_event(general, 60, bobs(60), "60"));
    d.hub_watermark(general, 60);
    d.answer(asked.request);
    intended more;
    more.kind = intended::what::load_older;
    more.room = general;
    d.intend(more);
    d.hub(room_frame(general, "general", 60, false));
    d.hub(room_frame(general, "general", 60));
    d.hub(message_event(general, 59, bobs(59), "59"));
    wire::reply reply;
    reply.request = d.sent<wire::request>().at(0).id;
    reply.from = 58;
    reply.to = 59;
    d.hub(reply);
    CHECK(d.core.room(general)->held_from == 59);
}

TEST_CASE("unread are the messages of others above the read mark, in every tab") {
    device d;
    d.be_in_general();
    CHECK(d.core.room(general)->unread == 1);
    d.hub(message_event(general, 3, bobs(3), "3"));
    CHECK(d.core.room(general)->unread == 1);  // not stored yet
    d.hub_watermark(general, 3);
    CHECK(d.core.room(general)->unread == 2);
    intended read;
    read.kind = intended::what::mark_read;
    read.room = general;
    d.intend(read);
    CHECK(d.core.room(general)->unread == 0);
    REQUIRE(d.sent<wire::receipt>().size() == 1);
    CHECK(d.sent<wire::receipt>()[0].read == 3);
    d.say(general, "mine");
    d.hub(event_of(d.ops()[0], 4));
    d.hub(message_event(general, 5, bobs(5), "5"));
    d.hub_watermark(general, 5);
    CHECK(d.core.room(general)->unread == 1);
    auto elsewhere = room_frame(general, "general", 5);
    elsewhere.read = 5;
    d.hub(elsewhere);
    CHECK(d.core.room(general)->unread == 0);
}

TEST_CASE("unread below what is held is counted as the server says") {
    device d;
    d.start();
    auto frame = room_frame(general, "general", 90);
    frame.read = 10;
    frame.unread = 80;
    d.greet({frame});
    const auto asked = *d.subscribed(general);
    d.hub(wire::page{asked.request, general, 89, true, 1});
    d.hub(message_event(general, 90, bobs(90), "90"));
    d.hub_watermark(general, 90);
    d.answer(asked.request);
    CHECK(d.core.room(general)->unread == 80);
    d.hub(message_event(general, 91, bobs(91), "91"));
    d.hub_watermark(general, 91);
    CHECK(d.core.room(general)->unread == 81);
}

TEST_CASE("members are counted and listed as they come and go") {
    device d;
    d.be_in_general();
    CHECK(d.core.room(general)->members == 2);
    intended list;
    list.kind = intended::what::list_members;
    list.room = general;
    d.intend(list);
    const auto requests = d.sent<wire::request>();
    REQUIRE(requests.size() == 1);
    wire::reply first;
    first.request = requests[0].id;
    first.w = 2;
    first.members = {{ann, "ann", 1}};
    first.more = true;
    first.key = "next";
    d.hub(first);
    CHECK(d.core.members(general) == nullptr);
    REQUIRE(d.sent<wire::request>().size() == 2);
    CHECK(d.sent<wire::request>()[1].key == "next");
    wire::reply last;
    last.request = d.sent<wire::request>()[1].id;
    last.w = 2;
    last.members = {{bob, "bob", 1}};
    d.hub(last);
    REQUIRE(d.core.members(general));
    CHECK(d.core.members(general)->size() == 2);
    auto leave = message_event(general, 3, bobs(3), "");
    leave.kind = change_kind::leave;
    d.hub(leave);
    d.hub_watermark(general, 3);
    CHECK(d.core.members(general)->size() == 1);
    CHECK(d.core.room(general)->members == 1);
}

}  // namespace parley::testing
