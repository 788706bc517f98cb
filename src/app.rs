//! The map of all pages.

use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::path;

use crate::accounts::account::AccountPage;
use crate::accounts::authenticator::AuthenticatorPage;
use crate::accounts::change_number::{NumberCodePage, NumberPage};
use crate::accounts::change_password::PasswordPage;
use crate::accounts::check_app::AppPage;
use crate::accounts::check_code::CodePage;
use crate::accounts::confirm_password::ConfirmPage;
use crate::accounts::delete_account::DeletePage;
use crate::accounts::login::LoginPage;
use crate::accounts::logout::AccountMenu;
use crate::accounts::moderation::{WatchAccountPage, WatchAccountsPage};
use crate::accounts::own_data::DataPage;
use crate::accounts::passkeys::PasskeysPage;
use crate::accounts::recover::RecoverPage;
use crate::accounts::recovery::RecoveryPage;
use crate::accounts::register::RegisterPage;
use crate::accounts::send_code::VerifyPage;
use crate::polls::ballot::BallotPage;
use crate::polls::create::CreatePage;
use crate::polls::edit::EditPage;
use crate::polls::index::HomePage;
use crate::polls::lookup::ReceiptPage;
use crate::polls::mine::OwnPollsPage;
use crate::polls::moderation::{WatchPage, WatchPollPage};
use crate::polls::results::ResultsPage;
use crate::polls::show::PollPage;
use crate::web::layout::{Document, ErrorPage};

/// The page for the address at hand.
#[component]
pub fn App() -> impl IntoView {
    view! {
        <Router>
            <FlatRoutes fallback=|| view! { <ErrorPage status=404/> }>
                <Route path=path!("/") view=HomePage/>
                <Route path=path!("/register") view=RegisterPage/>
                <Route path=path!("/login") view=LoginPage/>
                <Route path=path!("/verify") view=VerifyPage/>
                <Route path=path!("/verify/code") view=CodePage/>
                <Route path=path!("/verify/app") view=AppPage/>
                <Route path=path!("/verify/recovery") view=RecoverPage/>
                <Route path=path!("/account") view=AccountPage/>
                <Route path=path!("/account/authenticator") view=AuthenticatorPage/>
                <Route path=path!("/account/passkeys") view=PasskeysPage/>
                <Route path=path!("/account/recovery") view=RecoveryPage/>
                <Route path=path!("/account/number") view=NumberPage/>
                <Route path=path!("/account/number/code") view=NumberCodePage/>
                <Route path=path!("/account/confirm") view=ConfirmPage/>
                <Route path=path!("/account/data") view=DataPage/>
                <Route path=path!("/account/delete") view=DeletePage/>
                <Route path=path!("/account/password") view=PasswordPage/>
                <Route path=path!("/admin") view=WatchPage/>
                <Route path=path!("/admin/polls/:id") view=WatchPollPage/>
                <Route path=path!("/admin/accounts") view=WatchAccountsPage/>
                <Route path=path!("/admin/accounts/:name") view=WatchAccountPage/>
                <Route path=path!("/polls/new") view=CreatePage/>
                <Route path=path!("/account/polls") view=OwnPollsPage/>
                <Route path=path!("/polls/:id") view=PollPage/>
                <Route path=path!("/polls/:id/edit") view=EditPage/>
                <Route path=path!("/polls/:id/vote") view=BallotPage/>
                <Route path=path!("/polls/:id/results") view=ResultsPage/>
                <Route path=path!("/polls/:id/receipt") view=ReceiptPage/>
            </FlatRoutes>
        </Router>
    }
}

/// The document around a page, with the account's menu in its header.
#[must_use]
pub fn document(page: AnyView) -> AnyView {
    let menu = view! { <AccountMenu/> }.into_any();
    view! { <Document menu>{page}</Document> }.into_any()
}
